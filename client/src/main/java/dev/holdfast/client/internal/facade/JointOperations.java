package dev.holdfast.client.internal.facade;

import dev.holdfast.client.AcquireAllResult;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.internal.hold.AcquireOutcome;
import dev.holdfast.client.internal.hold.AcquireRequest;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.hold.JointOutcome;
import dev.holdfast.client.internal.hold.JointRequest;
import dev.holdfast.client.internal.hold.PendingAcquire;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Acquires and releases several locks together, with the hooks of each around it, in the order of the locks. Any thread
 * may call it.
 */
final class JointOperations {
    private final GroupClients groups;
    private final Executor callbacks;
    private final HookRunner hooks;
    private final long timeoutNanos;

    /** @param timeoutNanos within what time releases end */
    JointOperations(GroupClients groups, Executor callbacks, HookRunner hooks, long timeoutNanos) {
        this.groups = groups;
        this.callbacks = callbacks;
        this.hooks = hooks;
        this.timeoutNanos = timeoutNanos;
    }

    AcquireAllResult acquire(JointRequest request) {
        return hooked(request).uninterruptibly();
    }

    AcquireAllResult acquireInterruptibly(JointRequest request) throws InterruptedException {
        return hooked(request).interruptibly();
    }

    CompletionStage<AcquireAllResult> acquireAsync(JointRequest request) {
        return hooked(request).async(callbacks);
    }

    private HookedAcquire<JointOutcome, AcquireAllResult> hooked(JointRequest request) {
        List<HookContext> contexts =
                request.each().stream().map(Operations::acquiring).toList();
        return new HookedAcquire<>(hooks, contexts) {
            @Override
            PendingAcquire<JointOutcome> begin() {
                return groups.acquireAll(request);
            }

            @Override
            AcquireAllResult result(JointOutcome outcome) {
                return JointOperations.this.result(request, outcome);
            }

            @Override
            HookResult hookResult(JointOutcome outcome, int number) {
                HoldHandle handle =
                        outcome.granted() ? outcome.each().get(number).handle() : null;
                return handle == null ? HookResult.refused() : HookResult.succeeded(handle.token());
            }
        };
    }

    private AcquireAllResult result(JointRequest request, JointOutcome outcome) {
        if (outcome.granted()) {
            List<HoldHandle> handles = new ArrayList<>(outcome.each().size());
            for (AcquireOutcome each : outcome.each()) {
                HoldHandle handle = each.handle();
                if (handle == null) {
                    throw new IllegalStateException("some were granted and others not");
                }
                handles.add(handle);
            }
            return AcquireAllResult.granted(new HeldTogether(handles, this));
        }
        Owner holder = outcome.holder();
        LockOwner owner = holder == null ? null : Terms.owner(holder);
        Lockable inTheWay = inTheWay(request, outcome);
        return AcquireAllResult.refused(
                outcome.timedOut(),
                inTheWay,
                owner,
                outcome.waitersAhead(),
                () -> refusal(request, inTheWay, owner, outcome.waitersAhead()));
    }

    private static @Nullable Lockable inTheWay(JointRequest request, JointOutcome outcome) {
        for (AcquireRequest each : request.each()) {
            if (each.command().lockable().equals(outcome.inTheWay())) {
                return each.lockable();
            }
        }
        return null;
    }

    private static LockException refusal(
            JointRequest request, @Nullable Lockable inTheWay, @Nullable LockOwner holder, int waitersAhead) {
        return inTheWay != null
                ? new LockAlreadyHeldException(inTheWay.key(), request.owner(), holder, waitersAhead)
                : new LockAlreadyHeldException(
                        request.each().stream()
                                .map(each -> each.lockable().key())
                                .toList(),
                        request.owner());
    }

    // ---- releases

    /**
     * Releases each of them, and waits for all. Throws the first failure that matters, with the others suppressed in it;
     * what one of them fails with, before-hooks included, does not keep the others from being released.
     */
    void release(List<HoldHandle> handles, Predicate<Throwable> matters) {
        Releases releases = begin(handles);
        for (int i = 0; i < releases.results.size(); i++) {
            HookContext context = releases.contexts.get(i);
            try {
                Waiting.uninterruptibly(releases.results.get(i));
                hooks.after(context, HookResult.succeeded(0));
            } catch (Throwable failure) {
                hooks.after(context, HookResult.failed(failure));
                if (matters.test(failure)) {
                    releases.failures.add(failure);
                }
            }
        }
        Throwable first = releases.firstFailure();
        if (first != null) {
            JointOperations.<RuntimeException>throwAsItIs(first);
        }
    }

    CompletionStage<Void> releaseAsync(List<HoldHandle> handles) {
        Releases releases = begin(handles);
        CompletableFuture<Void> stage = new CompletableFuture<>();
        CompletableFuture<Void> all = CompletableFuture.allOf(releases.results.toArray(CompletableFuture<?>[]::new));
        Futures.onDone(
                all,
                (done, anyFailure) -> callbacks.execute(() -> {
                    for (int i = 0; i < releases.results.size(); i++) {
                        HookContext context = releases.contexts.get(i);
                        Throwable failure = failureOf(releases.results.get(i));
                        hooks.after(context, failure == null ? HookResult.succeeded(0) : HookResult.failed(failure));
                        if (failure != null) {
                            releases.failures.add(failure);
                        }
                    }
                    Throwable first = releases.firstFailure();
                    if (first == null) {
                        stage.complete(null);
                    } else {
                        stage.completeExceptionally(first);
                    }
                }));
        return stage;
    }

    /** Those whose before-hooks let them be released, and what the others threw. */
    private record Releases(
            List<HookContext> contexts, List<CompletableFuture<Void>> results, List<Throwable> failures) {

        @Nullable
        Throwable firstFailure() {
            if (failures.isEmpty()) {
                return null;
            }
            Throwable first = failures.get(0);
            for (Throwable other : failures) {
                if (other != first) {
                    first.addSuppressed(other);
                }
            }
            return first;
        }
    }

    private Releases begin(List<HoldHandle> handles) {
        List<HoldHandle> allowed = new ArrayList<>(handles.size());
        List<HookContext> contexts = new ArrayList<>(handles.size());
        List<Throwable> failures = new ArrayList<>(0);
        for (HoldHandle handle : handles) {
            try {
                HookContext context = Operations.releasing(handle);
                hooks.before(context);
                contexts.add(context);
                allowed.add(handle);
            } catch (Throwable e) {
                HookRunner.keepInterrupt(e);
                failures.add(e);
            }
        }
        return new Releases(
                contexts, allowed.isEmpty() ? List.of() : groups.releaseAll(allowed, timeoutNanos), failures);
    }

    private static @Nullable Throwable failureOf(CompletableFuture<Void> done) {
        try {
            done.join();
            return null;
        } catch (Throwable failure) {
            return Futures.unwrap(failure);
        }
    }

    /** A before-hook may throw anything, and its caller is to get that. */
    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void throwAsItIs(Throwable failure) throws X {
        throw (X) failure;
    }
}
