package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.session.ClientSession;
import dev.holdfast.client.internal.session.QueryRunner;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Acquires, releases and extends. Any thread may call the public methods; their futures fail with {@link LockException} and
 * are completed by tasks of the serial executor, so their direct dependents must not block.
 */
public final class HoldOperations {
    private final ClientContext context;
    private final SessionManager sessions;
    private final HoldRegistry registry;
    private final UntrackedHolds untracked;

    public HoldOperations(ClientContext context, SessionManager sessions, HoldRegistry registry, QueryRunner queries) {
        this.context = context;
        this.sessions = sessions;
        this.registry = registry;
        this.untracked = new UntrackedHolds(context, sessions, registry, queries);
    }

    /** A lockable and an owner, in the users' words and in the protocol's. */
    public record Target(Lockable lockable, LockableKey key, LockOwner owner) {
        public Target {
            Objects.requireNonNull(lockable, "lockable");
            Objects.requireNonNull(owner, "owner");
        }

        Owner protocolOwner() {
            return Terms.owner(owner);
        }
    }

    /** @param elapsedNanos how much of its time the request has spent already */
    public PendingAcquire<AcquireOutcome> acquire(AcquireRequest request, long elapsedNanos) {
        SingleAcquire operation = new SingleAcquire(context, sessions, registry, this, request, elapsedNanos);
        context.serial().execute(operation::start);
        return operation;
    }

    /** @param elapsedNanos how much of its time the request has spent already */
    public PendingAcquire<JointOutcome> acquireAll(JointRequest request, long elapsedNanos) {
        JointAcquire operation = new JointAcquire(context, sessions, registry, this, request, elapsedNanos);
        context.serial().execute(operation::start);
        return operation;
    }

    /** Releases each of them, as {@link #release(HoldHandle, long)} does; what there is to send travels together. */
    public List<CompletableFuture<Void>> releaseAll(List<HoldHandle> handles, long timeoutNanos) {
        List<CompletableFuture<Void>> results = new ArrayList<>(handles.size());
        handles.forEach(handle -> results.add(new CompletableFuture<>()));
        context.serial().execute(() -> {
            for (int i = 0; i < handles.size(); i++) {
                Futures.pass(release(handles.get(i), timeoutNanos), results.get(i));
            }
        });
        return results;
    }

    /**
     * Releases what the handle's acquire added. Calls while one is under way join it, also if its caller has given up
     * without knowing its outcome: to release again then would give back what other handles of the hold stand for.
     *
     * @param timeoutNanos after how long the caller gives up; the same in the methods below
     */
    public CompletableFuture<Void> release(HoldHandle handle, long timeoutNanos) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            registry.check(handle.hold());
            ReleaseOperation underWay = handle.releasing;
            if (handle.isEnded()) {
                result.completeExceptionally(handle.endException());
            } else if (underWay == null) {
                Futures.pass(
                        ReleaseOperation.of(handle, context, sessions, registry).begin(timeoutNanos), result);
            } else {
                Futures.pass(underWay.join(timeoutNanos), result);
            }
        });
        return result;
    }

    // Nobody waits forever because of a defect here.
    private void execute(CompletableFuture<?> result, Runnable task) {
        context.serial().execute(() -> {
            try {
                task.run();
            } catch (RuntimeException defect) {
                result.completeExceptionally(defect);
                throw defect;
            }
        });
    }

    /** Releases permits that the owner holds, or {@link Release#ALL}, from wherever it acquired them. */
    public CompletableFuture<Void> release(Target target, int permits, long timeoutNanos) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            TrackedHold hold = registry.find(target.key(), target.protocolOwner());
            if (hold == null) {
                untracked.release(target, permits, timeoutNanos, result);
                return;
            }
            ReleaseOperation underWay = permits == Release.ALL ? hold.releasingWhole : null;
            Futures.pass(
                    underWay != null
                            ? underWay.join(timeoutNanos)
                            : ReleaseOperation.of(target, hold, permits, context, sessions, registry, untracked)
                                    .begin(timeoutNanos),
                    result);
        });
        return result;
    }

    /** Gives back a grant that nobody wants, in the background. */
    void giveBack(HoldHandle handle, boolean reacquired) {
        TrackedHold hold = handle.hold();
        if (handle.isEnded()) {
            return;
        }
        boolean addedNothing = handle.isWhole() && (reacquired || hold.handles.size() > 1);
        registry.dropped(hold, handle);
        if (!addedNothing) {
            if (handle.isWhole()) {
                registry.willEnd(hold);
            }
            sessions.submitInBackground(handle.toRelease(), OutcomeHandler.IGNORING);
            return;
        }
        ClientSession session = sessions.current();
        if (session != null && handle.isOf(session)) {
            // Or the owner's hold would live as long as this session, although nobody here knows of it.
            registry.leave(hold, session);
        }
    }

    /** Prolongs the handle's hold. */
    public CompletableFuture<Void> extend(HoldHandle handle, long ttlMs, long timeoutNanos) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            TrackedHold hold = handle.hold();
            registry.check(hold);
            if (handle.isEnded()) {
                result.completeExceptionally(handle.endException());
            } else {
                extendTracked(hold, ttlMs, timeoutNanos, result, handle::endException);
            }
        });
        return result;
    }

    /** Prolongs what the owner holds, wherever it was acquired. */
    public CompletableFuture<Void> extend(Target target, long ttlMs, long timeoutNanos) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            TrackedHold hold = registry.find(target.key(), target.protocolOwner());
            if (hold == null) {
                untracked.extend(target, ttlMs, timeoutNanos, result);
            } else {
                extendTracked(hold, ttlMs, timeoutNanos, result, () -> untracked.notHeld(target, null));
            }
        });
        return result;
    }

    private void extendTracked(
            TrackedHold hold,
            long ttlMs,
            long timeoutNanos,
            CompletableFuture<Void> result,
            Supplier<LockException> ended) {
        submit(new Command.Extend(hold.key, hold.owner, hold.token, ttlMs), timeoutNanos, result, outcome -> {
            if (outcome instanceof Outcome.Extended extended) {
                if (registry.extended(hold, extended.deadlineMs())) {
                    result.complete(null);
                } else {
                    result.completeExceptionally(ended.get());
                }
            } else if (outcome instanceof Outcome.NotHeld) {
                registry.lose(hold, LossReason.NOT_HELD);
                result.completeExceptionally(ended.get());
            } else {
                result.completeExceptionally(Rejections.unexpected(outcome));
            }
        });
    }

    /** Has the handle's hold end that long from now, whatever its lease was. */
    public CompletableFuture<Void> expireIn(HoldHandle handle, long leftMs, long timeoutNanos) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            registry.check(handle.hold());
            if (handle.isEnded()) {
                result.completeExceptionally(handle.endException());
            } else {
                Futures.pass(
                        ExpireInOperation.begin(sessions, registry, handle, leftMs, context.nowNanos() + timeoutNanos),
                        result);
            }
        });
        return result;
    }

    /** Takes the lockable from its holders; completes with how many there were. Listeners hear of it as of any loss. */
    public CompletableFuture<Integer> forceRelease(LockableKey key, long timeoutNanos) {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Command.ForceRelease command = new Command.ForceRelease(key, Command.ForceRelease.ANY_TOKEN);
        execute(
                result,
                () -> submit(command, timeoutNanos, result, outcome -> {
                    if (outcome instanceof Outcome.ForceReleased forced) {
                        result.complete(forced.holds());
                    } else {
                        result.completeExceptionally(Rejections.unexpected(outcome));
                    }
                }));
        return result;
    }

    /** Asks whoever holds the lockable to release it; completes with how many holds have somebody who is told. */
    public CompletableFuture<Integer> requestRelease(LockableKey key, long timeoutNanos) {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        execute(
                result,
                () -> submit(new Command.RequestRelease(key), timeoutNanos, result, outcome -> {
                    if (outcome instanceof Outcome.ReleaseRequested requested) {
                        result.complete(requested.holds());
                    } else {
                        result.completeExceptionally(Rejections.unexpected(outcome));
                    }
                }));
        return result;
    }

    /** Puts or removes a rule; completes with whether the rules are others than before. */
    public CompletableFuture<Boolean> changeRules(ClientCommand command, long timeoutNanos) {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        execute(
                result,
                () -> submit(command, timeoutNanos, result, outcome -> {
                    if (outcome instanceof Outcome.RulesChanged rules) {
                        result.complete(rules.changed());
                    } else {
                        result.completeExceptionally(Rejections.unexpected(outcome));
                    }
                }));
        return result;
    }

    private void submit(
            ClientCommand command, long timeoutNanos, CompletableFuture<?> result, Consumer<Outcome> onOutcome) {
        sessions.submit(command, context.nowNanos() + timeoutNanos, new OutcomeHandler() {
            @Override
            public void onOutcome(Outcome outcome) {
                onOutcome.accept(outcome);
            }

            @Override
            public void onFailure(LockException failure) {
                result.completeExceptionally(failure);
            }
        });
    }

    LockException closed(String operation) {
        return new LockClientClosedException(operation);
    }
}
