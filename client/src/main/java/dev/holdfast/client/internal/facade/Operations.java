package dev.holdfast.client.internal.facade;

import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.errors.SemaphoreWaitTimedOutException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.HookContext.Operation;
import dev.holdfast.client.hooks.HookResult;
import dev.holdfast.client.internal.hold.AcquireOutcome;
import dev.holdfast.client.internal.hold.AcquireRequest;
import dev.holdfast.client.internal.hold.HandleOperations;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.hold.HoldOperations.Target;
import dev.holdfast.client.internal.hold.PendingAcquire;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Owner;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What locks and semaphores have in common: hooks around the operations of a group's client, and the blocking and the
 * asynchronous way to call them. Any thread may call it.
 */
final class Operations implements HandleOperations {
    private final GroupClients groups;
    private final Executor callbacks;
    private final HookRunner hooks;
    private final long timeoutNanos;

    /** @param requestTimeout within what time the operations end, unless an acquire asks for another */
    Operations(GroupClients groups, Executor callbacks, HookRunner hooks, Duration requestTimeout) {
        this.groups = groups;
        this.callbacks = callbacks;
        this.hooks = hooks;
        this.timeoutNanos = requestTimeout.toNanos();
    }

    @Override
    public Operations within(Duration requestTimeout) {
        return new Operations(groups, callbacks, hooks, RequestNumbers.requestTimeout(requestTimeout));
    }

    /** The same for several locks together. */
    JointOperations joint() {
        return new JointOperations(groups, callbacks, hooks, timeoutNanos);
    }

    long timeoutNanos() {
        return timeoutNanos;
    }

    long nowNanos() {
        return groups.nowNanos();
    }

    /** Begins an acquire, without hooks. */
    PendingAcquire<AcquireOutcome> begin(AcquireRequest request) {
        return groups.acquire(request);
    }

    CompletableFuture<Void> askRelease(HoldHandle handle) {
        return groups.with(
                handle.key(),
                describe("release", handle.key(), handle.owner()),
                timeoutNanos,
                (group, leftNanos) -> group.holds().release(handle, leftNanos));
    }

    private CompletableFuture<Void> askRelease(Target target, int permits) {
        return groups.with(
                target.key(),
                describe("release", target.key(), target.owner()),
                timeoutNanos,
                (group, leftNanos) -> group.holds().release(target, permits, leftNanos));
    }

    private CompletableFuture<Void> askExtend(HoldHandle handle, long ttlMs) {
        return groups.with(
                handle.key(),
                describe("extension", handle.key(), handle.owner()),
                timeoutNanos,
                (group, leftNanos) -> group.holds().extend(handle, ttlMs, leftNanos));
    }

    private CompletableFuture<Void> askExtend(Target target, long ttlMs) {
        return groups.with(
                target.key(),
                describe("extension", target.key(), target.owner()),
                timeoutNanos,
                (group, leftNanos) -> group.holds().extend(target, ttlMs, leftNanos));
    }

    private CompletableFuture<Void> askExpireIn(HoldHandle handle, long leftMs) {
        return groups.with(
                handle.key(),
                describe("new end of the lease", handle.key(), handle.owner()),
                timeoutNanos,
                (group, leftNanos) -> group.holds().expireIn(handle, leftMs, leftNanos));
    }

    private static String describe(String what, LockableKey key, LockOwner owner) {
        return what + " of '" + key.key() + "' by " + owner;
    }

    AcquireResult acquire(AcquireRequest request) {
        return hooked(request).uninterruptibly();
    }

    AcquireResult acquireInterruptibly(AcquireRequest request) throws InterruptedException {
        return hooked(request).interruptibly();
    }

    CompletionStage<AcquireResult> acquireAsync(AcquireRequest request) {
        return hooked(request).async(callbacks);
    }

    private HookedAcquire<AcquireOutcome, AcquireResult> hooked(AcquireRequest request) {
        return new HookedAcquire<>(hooks, List.of(acquiring(request))) {
            @Override
            PendingAcquire<AcquireOutcome> begin() {
                return groups.acquire(request);
            }

            @Override
            AcquireResult result(AcquireOutcome outcome) {
                return Operations.result(request, outcome);
            }

            @Override
            HookResult hookResult(AcquireOutcome outcome, int number) {
                HoldHandle handle = outcome.handle();
                return handle == null ? HookResult.refused() : HookResult.succeeded(handle.token());
            }
        };
    }

    @Override
    public void release(HoldHandle handle) {
        run(releasing(handle), () -> askRelease(handle));
    }

    @Override
    public CompletionStage<Void> releaseAsync(HoldHandle handle) {
        return async(releasing(handle), () -> askRelease(handle));
    }

    void release(Target target, int permits, int count) {
        run(releasing(target.owner(), target.lockable(), count), () -> askRelease(target, permits));
    }

    CompletionStage<Void> releaseAsync(Target target, int permits, int count) {
        return async(releasing(target.owner(), target.lockable(), count), () -> askRelease(target, permits));
    }

    @Override
    public void extend(HoldHandle handle, Duration ttl) {
        long ttlMs = RequestNumbers.ttlMs(ttl);
        run(extending(handle, ttl), () -> askExtend(handle, ttlMs));
    }

    @Override
    public CompletionStage<Void> extendAsync(HoldHandle handle, Duration ttl) {
        return Futures.staged(() -> {
            long ttlMs = RequestNumbers.ttlMs(ttl);
            return async(extending(handle, ttl), () -> askExtend(handle, ttlMs));
        });
    }

    @Override
    public void expireIn(HoldHandle handle, Duration left) {
        long leftMs = RequestNumbers.ttlMs(left);
        run(extending(handle, left), () -> askExpireIn(handle, leftMs));
    }

    @Override
    public CompletionStage<Void> expireInAsync(HoldHandle handle, Duration left) {
        return Futures.staged(() -> {
            long leftMs = RequestNumbers.ttlMs(left);
            return async(extending(handle, left), () -> askExpireIn(handle, leftMs));
        });
    }

    private static HookContext extending(HoldHandle handle, Duration ttl) {
        return new HookContext(handle.owner(), handle.lockable(), Operation.EXTEND, ttl, handle.permits());
    }

    void extend(Target target, Duration ttl) {
        long ttlMs = RequestNumbers.ttlMs(ttl);
        run(extending(target, ttl), () -> askExtend(target, ttlMs));
    }

    CompletionStage<Void> extendAsync(Target target, Duration ttl) {
        long ttlMs = RequestNumbers.ttlMs(ttl);
        return async(extending(target, ttl), () -> askExtend(target, ttlMs));
    }

    /** Returns how many holds were taken. */
    int forceRelease(Lockable lockable, LockableKey key) {
        return blocking(forcing(lockable), Operations::forced, () -> Waiting.uninterruptibly(askForceRelease(key)));
    }

    CompletionStage<Integer> forceReleaseAsync(Lockable lockable, LockableKey key) {
        return async(forcing(lockable), Operations::forced, () -> askForceRelease(key));
    }

    private CompletableFuture<Integer> askForceRelease(LockableKey key) {
        return groups.with(
                key,
                "forced release of '" + key.key() + "'",
                timeoutNanos,
                (group, leftNanos) -> group.holds().forceRelease(key, leftNanos));
    }

    private static HookContext forcing(Lockable lockable) {
        return new HookContext(null, lockable, Operation.FORCE_RELEASE, null, 1);
    }

    private static HookResult forced(Integer taken) {
        return taken > 0 ? HookResult.succeeded(0) : HookResult.refused();
    }

    /** Returns how many holds have somebody who is told. */
    int requestRelease(LockableKey key) {
        return Waiting.uninterruptibly(askRequestRelease(key));
    }

    CompletionStage<Integer> requestReleaseAsync(LockableKey key) {
        CompletableFuture<Integer> stage = new CompletableFuture<>();
        Futures.onDone(
                askRequestRelease(key),
                (asked, failure) -> callbacks.execute(() -> {
                    if (failure == null) {
                        stage.complete(asked);
                    } else {
                        stage.completeExceptionally(Futures.unwrap(failure));
                    }
                }));
        return stage;
    }

    CompletableFuture<Integer> askRequestRelease(LockableKey key) {
        return groups.with(
                key,
                "request to release '" + key.key() + "'",
                timeoutNanos,
                (group, leftNanos) -> group.holds().requestRelease(key, leftNanos));
    }

    private void run(HookContext hookContext, Supplier<CompletableFuture<Void>> operation) {
        blocking(hookContext, done -> HookResult.succeeded(0), () -> {
            Waiting.uninterruptibly(operation.get());
            return true;
        });
    }

    private <T> T blocking(HookContext hookContext, Function<T, HookResult> describe, Supplier<T> operation) {
        hooks.before(hookContext);
        T result;
        try {
            result = operation.get();
        } catch (Throwable e) {
            hooks.after(hookContext, HookResult.failed(e));
            throw e;
        }
        hooks.after(hookContext, describe.apply(result));
        return result;
    }

    private CompletionStage<Void> async(HookContext hookContext, Supplier<CompletableFuture<Void>> operation) {
        return async(hookContext, done -> HookResult.succeeded(0), operation);
    }

    private <T> CompletionStage<T> async(
            HookContext hookContext,
            Function<? super @Nullable T, HookResult> describe,
            Supplier<CompletableFuture<T>> operation) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        if (!isAllowed(hookContext, stage)) {
            return stage;
        }
        Futures.onDone(
                operation.get(),
                (done, failure) -> callbacks.execute(() -> {
                    if (failure == null) {
                        hooks.after(hookContext, describe.apply(done));
                        stage.complete(done);
                    } else {
                        fail(stage, hookContext, Futures.unwrap(failure));
                    }
                }));
        return stage;
    }

    /** Runs the hooks before the operation. What they throw fails the stage. */
    private boolean isAllowed(HookContext hookContext, CompletableFuture<?> stage) {
        try {
            hooks.before(hookContext);
            return true;
        } catch (Throwable e) {
            HookRunner.keepInterrupt(e);
            stage.completeExceptionally(e);
            return false;
        }
    }

    private void fail(CompletableFuture<?> stage, HookContext hookContext, Throwable failure) {
        hooks.after(hookContext, HookResult.failed(failure));
        stage.completeExceptionally(failure);
    }

    static HookContext acquiring(AcquireRequest request) {
        Duration ttl = RequestNumbers.ttlOrNull(request.command().lease());
        return new HookContext(
                request.owner(),
                request.lockable(),
                Operation.ACQUIRE,
                ttl,
                request.command().permits());
    }

    static HookContext releasing(HoldHandle handle) {
        return releasing(handle.owner(), handle.lockable(), handle.permits());
    }

    private static HookContext releasing(LockOwner owner, Lockable lockable, int count) {
        return new HookContext(owner, lockable, Operation.RELEASE, null, count);
    }

    private static HookContext extending(Target target, Duration ttl) {
        return new HookContext(target.owner(), target.lockable(), Operation.EXTEND, ttl, 1);
    }

    private static AcquireResult result(AcquireRequest request, AcquireOutcome outcome) {
        HoldHandle handle = outcome.handle();
        if (handle != null) {
            return AcquireResult.granted(handle, outcome.reacquired(), outcome.count());
        }
        Owner holder = outcome.holder();
        LockOwner owner = holder == null ? null : Terms.owner(holder);
        boolean isSemaphore = request.command().lockable().kind() == LockableKind.SEMAPHORE;
        int available = isSemaphore ? outcome.available() : 0;
        int waitersAhead = outcome.waitersAhead();
        return AcquireResult.refused(
                outcome.timedOut(),
                owner,
                available,
                waitersAhead,
                () -> isSemaphore && outcome.timedOut()
                        ? timedOut(request)
                        : refusal(request, owner, isSemaphore, available, waitersAhead));
    }

    private static LockException timedOut(AcquireRequest request) {
        Command.Acquire command = request.command();
        return new SemaphoreWaitTimedOutException(
                request.lockable().key(), command.permits(), command.limit(), Duration.ofMillis(command.waitMs()));
    }

    private static LockException refusal(
            AcquireRequest request, @Nullable LockOwner holder, boolean isSemaphore, int available, int waitersAhead) {
        String key = request.lockable().key();
        return isSemaphore
                ? new SemaphoreCapacityExceededException(
                        key,
                        request.command().permits(),
                        available,
                        request.command().limit(),
                        waitersAhead)
                : new LockAlreadyHeldException(key, request.owner(), holder, waitersAhead);
    }
}
