package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.internal.hold.TrackedHold.Part;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.session.QueryRunner;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.client.time.Timers;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
        this.untracked = new UntrackedHolds(sessions, registry, queries);
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

    public AcquireOperation acquire(AcquireRequest request) {
        AcquireOperation operation = new AcquireOperation(context, sessions, registry, this, request);
        context.serial().execute(operation::start);
        return operation;
    }

    /**
     * Releases what the handle's acquire added. Calls while one is under way join it, also if its caller has given up
     * without knowing its outcome: to release again then would give back what other handles of the hold stand for.
     */
    public CompletableFuture<Void> release(HoldHandle handle) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            registry.check(handle.hold());
            CompletableFuture<Void> underWay = handle.releasing;
            if (handle.isEnded()) {
                result.completeExceptionally(handle.endException());
            } else if (underWay == null) {
                releaseNow(handle, result);
            } else {
                join(handle, underWay, result);
            }
        });
        return result;
    }

    private void join(HoldHandle handle, CompletableFuture<Void> underWay, CompletableFuture<Void> result) {
        Futures.onDone(underWay, (done, failure) -> complete(result, failure));
        Timers.Scheduled patience = context.after(
                context.options().requestTimeout().toNanos(),
                () -> result.completeExceptionally(new LockOutcomeUnknownException(
                        "release of '" + handle.lockable().key() + "' by " + handle.owner(), null)));
        Futures.onDone(result, (done, failure) -> patience.cancel());
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

    private static void complete(CompletableFuture<Void> result, @Nullable Throwable failure) {
        if (failure == null) {
            result.complete(null);
        } else {
            result.completeExceptionally(failure);
        }
    }

    private void releaseNow(HoldHandle handle, CompletableFuture<Void> result) {
        TrackedHold hold = handle.hold();
        CompletableFuture<Void> underWay = new CompletableFuture<>();
        handle.releasing = underWay;
        Futures.onDone(underWay, (done, failure) -> complete(result, failure));
        registry.releaseBegins(hold, List.of());
        sessions.submit(handle.toRelease(), new OutcomeHandler() {
            private boolean watched;

            @Override
            public void onOutcome(Outcome outcome) {
                handle.releasing = null;
                if (outcome instanceof Outcome.Released released) {
                    registry.released(hold, handle, released.remaining());
                    underWay.complete(null);
                } else if (outcome instanceof Outcome.NotHeld) {
                    registry.notHeld(hold, handle);
                    underWay.completeExceptionally(handle.endException());
                } else {
                    underWay.completeExceptionally(Rejections.unexpected(outcome));
                }
                watchAgain();
            }

            @Override
            public boolean onDoubt(LockException failure) {
                watchAgain();
                result.completeExceptionally(failure);
                return true;
            }

            @Override
            public void onFailure(LockException failure) {
                handle.releasing = null;
                if (failure instanceof LockOutcomeUnknownException) {
                    registry.neverKnown(hold, handle);
                } else {
                    registry.notReleased(hold, handle);
                }
                watchAgain();
                underWay.completeExceptionally(failure);
            }

            private void watchAgain() {
                if (watched) {
                    registry.watch(hold);
                } else {
                    watched = true;
                    registry.releaseEnds(hold);
                }
            }
        });
    }

    /** Releases permits that the owner holds, or {@link Release#ALL}, from wherever it acquired them. */
    public CompletableFuture<Void> release(Target target, int permits) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            TrackedHold hold = registry.find(target.key(), target.protocolOwner());
            if (hold == null) {
                untracked.release(target, permits, result);
            } else {
                releaseTracked(target, hold, permits, result);
            }
        });
        return result;
    }

    private void releaseTracked(Target target, TrackedHold hold, int permits, CompletableFuture<Void> result) {
        List<Part> taken = hold.youngest(permits);
        Release release = toRelease(hold, taken, permits);
        registry.releaseBegins(hold, taken);
        sessions.submit(release, new OutcomeHandler() {
            @Override
            public void onOutcome(Outcome outcome) {
                taken.forEach(hold.inQuestion::remove);
                if (outcome instanceof Outcome.Released released) {
                    registry.releasedByOwner(hold, taken, released.remaining());
                    result.complete(null);
                } else if (outcome instanceof Outcome.NotHeld notHeld) {
                    // Fewer permits than that may still be held, so this proves nothing about the hold.
                    result.completeExceptionally(untracked.notHeld(target, notHeld.holder()));
                } else {
                    result.completeExceptionally(Rejections.unexpected(outcome));
                }
                registry.releaseEnds(hold);
            }

            @Override
            public void onFailure(LockException failure) {
                if (!(failure instanceof LockOutcomeUnknownException)) {
                    taken.forEach(hold.inQuestion::remove);
                }
                registry.releaseEnds(hold);
                result.completeExceptionally(failure);
            }
        });
    }

    // It says where they were acquired if that is the same for all.
    private static Release toRelease(TrackedHold hold, List<Part> parts, int permits) {
        Release unsaid = new Release(hold.key, hold.owner, hold.token, permits);
        int known = parts.stream().mapToInt(Part::permits).sum();
        if (permits == Release.ALL || known < permits) {
            return unsaid;
        }
        List<Release> said = parts.stream()
                .map(part -> part.handle().toRelease())
                .map(whole -> new Release(
                        hold.key, hold.owner, hold.token, permits, whole.acquiredIn(), whole.endsWithSession()))
                .distinct()
                .toList();
        return said.size() == 1 ? said.get(0) : unsaid;
    }

    /** Gives back a grant that nobody wants, in the background. */
    void giveBack(HoldHandle handle, boolean reacquired) {
        TrackedHold hold = handle.hold();
        if (handle.isEnded()) {
            return;
        }
        if (handle.isWhole() && (reacquired || hold.handles.size() > 1)) {
            // It added nothing to what others of this owner hold.
            hold.handles.remove(handle);
            handle.markReleased();
            return;
        }
        Release release = handle.toRelease();
        registry.released(hold, handle, hold.handles.size() - 1);
        sessions.submitInBackground(release, OutcomeHandler.IGNORING);
    }

    /** Prolongs the handle's hold. */
    public CompletableFuture<Void> extend(HoldHandle handle, long ttlMs) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            TrackedHold hold = handle.hold();
            registry.check(hold);
            if (handle.isEnded()) {
                result.completeExceptionally(handle.endException());
            } else {
                extendTracked(hold, ttlMs, result, handle::endException);
            }
        });
        return result;
    }

    /** Prolongs what the owner holds, wherever it was acquired. */
    public CompletableFuture<Void> extend(Target target, long ttlMs) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        execute(result, () -> {
            TrackedHold hold = registry.find(target.key(), target.protocolOwner());
            if (hold == null) {
                untracked.extend(target, ttlMs, result);
            } else {
                extendTracked(hold, ttlMs, result, () -> untracked.notHeld(target, null));
            }
        });
        return result;
    }

    private void extendTracked(
            TrackedHold hold, long ttlMs, CompletableFuture<Void> result, Supplier<LockException> ended) {
        submit(new Command.Extend(hold.key, hold.owner, hold.token, ttlMs), result, outcome -> {
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

    /** Takes the lockable from its holders; completes with how many there were. Listeners hear of it as of any loss. */
    public CompletableFuture<Integer> forceRelease(LockableKey key) {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        Command.ForceRelease command = new Command.ForceRelease(key, Command.ForceRelease.ANY_TOKEN);
        execute(
                result,
                () -> submit(command, result, outcome -> {
                    if (outcome instanceof Outcome.ForceReleased forced) {
                        result.complete(forced.holds());
                    } else {
                        result.completeExceptionally(Rejections.unexpected(outcome));
                    }
                }));
        return result;
    }

    private void submit(ClientCommand command, CompletableFuture<?> result, Consumer<Outcome> onOutcome) {
        sessions.submit(command, new OutcomeHandler() {
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
