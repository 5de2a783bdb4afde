package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.internal.hold.Doubt.Part;
import dev.holdfast.client.internal.hold.HoldOperations.Target;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.client.time.Timers;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.Outcome;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One release of a hold that this client knows of, from its request to the moment when it is known what became of it, which
 * may be long after its caller was told that nobody knows.
 *
 * <pre>
 * UNDER WAY -- released, refused, certainly not done -----------> SETTLED
 * UNDER WAY -- the caller's time is up, and it may be done -----> IN DOUBT: the caller is told; it is repeated
 * IN DOUBT  -- released, refused, certainly not done -----------> SETTLED
 * UNDER WAY, IN DOUBT -- the session ends, and it may be done --> NEVER KNOWN, or begun again in the next session
 * </pre>
 *
 * A release of a whole hold may be begun again: it names the hold's token, so it can take nothing else. A release of a part
 * may not, since it could take what others of that owner hold. From the beginning until it is settled, what the release may
 * take is in {@linkplain TrackedHold#doubts doubt}.
 *
 * <p>Touched by tasks of the serial executor only.
 */
abstract class ReleaseOperation implements OutcomeHandler {
    final HoldRegistry registry;
    final TrackedHold hold;
    final Doubt doubt;

    private final ClientContext context;
    private final SessionManager sessions;
    private final Release command;
    private final String description;

    /** Completes when it is known what became of it, or that nobody will ever know. */
    private final CompletableFuture<Void> settled = new CompletableFuture<>();

    /** What the first caller gets, no later than its deadline. */
    private final CompletableFuture<Void> callers = new CompletableFuture<>();

    /** Whether an attempt may have been done of which nothing will be heard any more. */
    private boolean begunAgain;

    /** Whether the hold is watched again although this is not settled. */
    private boolean watched;

    private ReleaseOperation(
            ClientContext context,
            SessionManager sessions,
            HoldRegistry registry,
            TrackedHold hold,
            Doubt doubt,
            Release command,
            String description) {
        this.context = context;
        this.sessions = sessions;
        this.registry = registry;
        this.hold = hold;
        this.doubt = doubt;
        this.command = command;
        this.description = description;
    }

    /** Of what that handle's acquire added. */
    static ReleaseOperation of(
            HoldHandle handle, ClientContext context, SessionManager sessions, HoldRegistry registry) {
        return new OfHandle(context, sessions, registry, handle);
    }

    /** Of what the owner holds, wherever it was acquired: so many permits, or {@link Release#ALL}. */
    static ReleaseOperation of(
            Target target,
            TrackedHold hold,
            int permits,
            ClientContext context,
            SessionManager sessions,
            HoldRegistry registry,
            UntrackedHolds untracked) {
        return new OfOwner(context, sessions, registry, hold, target, permits, untracked);
    }

    /** Sends it. */
    final CompletableFuture<Void> begin(long timeoutNanos) {
        Futures.pass(settled, callers);
        registry.releaseBegins(hold, doubt);
        sessions.submit(command, context.nowNanos() + timeoutNanos, this);
        return callers;
    }

    /**
     * A further call of the same release. To release again while it is in doubt could give back what others of the owner
     * stand for, so the caller waits for the one under way, no longer than for one of its own.
     */
    final CompletableFuture<Void> join(long timeoutNanos) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        Futures.pass(settled, result);
        Timers.Scheduled patience = context.after(timeoutNanos, () -> result.completeExceptionally(unknown()));
        Futures.onDone(result, (done, failure) -> patience.cancel());
        return result;
    }

    private LockOutcomeUnknownException unknown() {
        return new LockOutcomeUnknownException(description, null);
    }

    @Override
    public final void onOutcome(Outcome outcome) {
        if (outcome instanceof Outcome.Released released) {
            settle();
            released(released.remaining());
            succeed();
        } else if (outcome instanceof Outcome.NotHeld && begunAgain) {
            // The attempt of which nothing was heard did it, or something else has: what the caller wants is so.
            settle();
            released(0);
            succeed();
        } else if (outcome instanceof Outcome.NotHeld notHeld) {
            settle();
            fail(notHeld(notHeld));
        } else {
            notDone(Rejections.unexpected(outcome));
        }
    }

    @Override
    public final boolean onDoubt(LockException failure) {
        watchAgain();
        callers.completeExceptionally(failure);
        return true;
    }

    @Override
    public final void onFailure(LockException failure) {
        if (!(failure instanceof LockOutcomeUnknownException)) {
            notDone(failure);
        } else if (doubt.whole() && !hold.ended && !sessions.isClosed()) {
            begunAgain = true;
            watchAgain();
            callers.completeExceptionally(failure);
            sessions.submitInBackground(command, this);
        } else {
            neverToBeKnown(failure);
        }
    }

    /** This attempt did nothing, which settles it unless another may have. */
    private void notDone(LockException failure) {
        if (begunAgain) {
            neverToBeKnown(failure);
        } else {
            settle();
            registry.notReleased(hold);
            fail(failure);
        }
    }

    private void neverToBeKnown(LockException failure) {
        over();
        neverKnown();
        fail(failure);
    }

    private void succeed() {
        end();
        settled.complete(null);
    }

    private void fail(LockException failure) {
        end();
        settled.completeExceptionally(failure);
    }

    private void settle() {
        hold.doubts.remove(doubt);
        over();
    }

    private void end() {
        if (watched) {
            registry.watch(hold);
        } else {
            watchAgain();
        }
    }

    private void watchAgain() {
        if (!watched) {
            watched = true;
            registry.releaseEnds(hold);
        }
    }

    /** It is no longer under way. */
    abstract void over();

    /** It was done, and the hold still counts {@code remaining}. */
    abstract void released(int remaining);

    /** The hold is gone, or counts less than that. Returns what the caller is told. */
    abstract LockException notHeld(Outcome.NotHeld outcome);

    /** Nobody will ever know. */
    abstract void neverKnown();

    private static final class OfHandle extends ReleaseOperation {
        private final HoldHandle handle;

        OfHandle(ClientContext context, SessionManager sessions, HoldRegistry registry, HoldHandle handle) {
            super(
                    context,
                    sessions,
                    registry,
                    handle.hold(),
                    new Doubt(handle.isWhole(), List.of(new Part(handle, handle.permits()))),
                    handle.toRelease(),
                    "release of '" + handle.lockable().key() + "' by " + handle.owner());
            this.handle = handle;
            handle.releasing = this;
        }

        @Override
        void over() {
            handle.releasing = null;
        }

        @Override
        void released(int remaining) {
            registry.released(hold, handle, remaining);
        }

        @Override
        LockException notHeld(Outcome.NotHeld outcome) {
            int permits = handle.permits();
            registry.notHeld(hold, handle);
            return outcome.held() > 0
                    ? new LockNotHeldException(handle.lockable().key(), handle.owner(), outcome.held(), permits)
                    : handle.endException();
        }

        @Override
        void neverKnown() {
            registry.neverKnown(hold, handle);
        }
    }

    private static final class OfOwner extends ReleaseOperation {
        private final Target target;
        private final int permits;
        private final UntrackedHolds untracked;

        OfOwner(
                ClientContext context,
                SessionManager sessions,
                HoldRegistry registry,
                TrackedHold hold,
                Target target,
                int permits,
                UntrackedHolds untracked) {
            this(context, sessions, registry, hold, target, permits, hold.youngest(permits), untracked);
        }

        private OfOwner(
                ClientContext context,
                SessionManager sessions,
                HoldRegistry registry,
                TrackedHold hold,
                Target target,
                int permits,
                List<Part> taken,
                UntrackedHolds untracked) {
            super(
                    context,
                    sessions,
                    registry,
                    hold,
                    new Doubt(permits == Release.ALL, taken),
                    toRelease(hold, taken, permits),
                    "release of '" + target.lockable().key() + "' by " + target.owner());
            this.target = target;
            this.permits = permits;
            this.untracked = untracked;
            hold.releasingWhole = doubt.whole() ? this : hold.releasingWhole;
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

        @Override
        void over() {
            if (hold.releasingWhole == this) {
                hold.releasingWhole = null;
            }
        }

        @Override
        void released(int remaining) {
            registry.releasedByOwner(hold, doubt.parts(), remaining);
        }

        /** Fewer permits than that may still be held, so this proves nothing about the hold, unless all were to go. */
        @Override
        LockException notHeld(Outcome.NotHeld outcome) {
            if (doubt.whole()) {
                registry.gone(hold, LossReason.NOT_HELD);
            }
            return untracked.notHeld(target, outcome, permits);
        }

        @Override
        void neverKnown() {
            // What it may have taken stays in doubt.
        }
    }
}
