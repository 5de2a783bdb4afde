package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.checker.LockState.Grip;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One lockable with fencing tokens: a mutex with owners, reentrant or not, or a semaphore with weights.
 *
 * <ul>
 *   <li>A new hold needs room by the limit of its own request, and its token exceeds every token granted before.
 *   <li>A further acquire by the holder keeps the token. It adds permits to a semaphore and one to the count of a
 *       reentrant mutex, and leaves another mutex as it is.
 *   <li>An operation that names a hold by its token affects that hold and no other.
 *   <li>A refusal needs somebody in the way: a holder, or, as waiters are not overtaken, another acquire that was under
 *       way at the same time ({@link Refusals} tells which).
 *   <li>A client that believes that it holds the lockable does hold it, unless the hold was taken by force; a client
 *       that is not sure proves nothing.
 * </ul>
 */
public final class LockModel implements Model<LockState> {
    private final Refusals refusals;

    public LockModel(Refusals refusals) {
        this.refusals = refusals;
    }

    @Override
    public LockState initial() {
        return LockState.FREE;
    }

    @Override
    public @Nullable LockState step(LockState state, Operation operation) {
        Call call = operation.call();
        Result result = operation.result();
        if (call instanceof Call.Acquire acquire) {
            return result instanceof Result.Refused
                    ? refused(state, operation, acquire)
                    : acquired(state, acquire, result);
        } else if (call instanceof Call.Release release) {
            return result instanceof Result.NotHeld
                    ? unless(state, holdsThatMany(state, release))
                    : released(state, release);
        } else if (call instanceof Call.Extend extend) {
            boolean held = state.has(extend.owner(), extend.token());
            return result instanceof Result.NotHeld ? unless(state, held) : unless(state, !held);
        } else if (call instanceof Call.ForceRelease) {
            return result instanceof Result.NotHeld
                    ? unless(state, !state.holds().isEmpty())
                    : state.taken();
        } else if (call instanceof Call.Inspect) {
            return result instanceof Result.Seen seen ? seen(state, seen.holds()) : state;
        } else if (call instanceof Call.Believe belief) {
            boolean sure = result instanceof Result.Done;
            boolean right =
                    state.has(belief.owner(), belief.token()) || state.forced().contains(belief.token());
            return unless(state, sure && !right);
        } else if (call instanceof Call.Expire expire) {
            // Not one whose token is not known yet: that is the end of another grant.
            Grip grip = state.of(expire.owner());
            return grip != null && grip.token() == expire.token() ? state.without(expire.owner()) : null;
        } else if (call instanceof Call.Cancel cancel) {
            Grip grip = state.of(cancel.owner());
            return grip != null && grip.cancellable() >= cancel.permits()
                    ? state.with(cancel.owner(), grip.cancelled(cancel.permits()))
                    : null;
        }
        throw new IllegalArgumentException("not an operation on a lock: " + call);
    }

    @Override
    public boolean onlyReads(Operation operation) {
        Call call = operation.call();
        return operation.result() instanceof Result.Refused
                || operation.result() instanceof Result.NotHeld
                || call instanceof Call.Extend
                || call instanceof Call.Inspect
                || call instanceof Call.Believe;
    }

    private record Hold(String owner, long token) {}

    @Override
    public @Nullable Object subject(Operation operation) {
        if (operation.call() instanceof Call.Acquire acquire) {
            return operation.result() instanceof Result.Granted granted
                    ? new Hold(acquire.owner(), granted.token())
                    : null;
        } else if (operation.call() instanceof Call.Release release) {
            return new Hold(release.owner(), release.token());
        } else if (operation.call() instanceof Call.Extend extend) {
            return new Hold(extend.owner(), extend.token());
        } else if (operation.call() instanceof Call.Believe belief) {
            return new Hold(belief.owner(), belief.token());
        }
        return null;
    }

    @Override
    public boolean needsOthers(Operation operation) {
        return operation.result() instanceof Result.Refused
                || operation.result() instanceof Result.Seen
                || operation.call() instanceof Call.ForceRelease;
    }

    /** Which hold was taken by force is known only of one whose token is. */
    @Override
    public boolean needsItsSubject(Operation operation) {
        return operation.call() instanceof Call.Believe;
    }

    private static @Nullable LockState unless(LockState state, boolean illegal) {
        return illegal ? null : state;
    }

    private @Nullable LockState refused(LockState state, Operation operation, Call.Acquire acquire) {
        boolean room = state.held() + acquire.permits() <= acquire.limit();
        boolean own = state.of(acquire.owner()) != null && acquire.limit() == 1;
        return unless(state, own || (room && !refusals.mayBeQueuedBehind(operation)));
    }

    private static @Nullable LockState acquired(LockState state, Call.Acquire acquire, Result result) {
        Grip before = state.of(acquire.owner());
        Grip after = before == null ? firstGrip(state, acquire, result) : furtherGrip(state, before, acquire, result);
        if (after == null
                || (result instanceof Result.Granted granted
                        && granted.isCountKnown()
                        && granted.count() != after.count())) {
            return null;
        }
        return state.with(acquire.owner(), after);
    }

    private static @Nullable Grip firstGrip(LockState state, Call.Acquire acquire, Result result) {
        if (state.held() + acquire.permits() > acquire.limit()) {
            return null;
        }
        long token = LockState.TOKEN_UNKNOWN;
        if (result instanceof Result.Granted granted) {
            token = granted.token();
            if (token <= state.lastToken()) {
                return null;
            }
        }
        return new Grip(token, state.lastToken(), acquire.permits(), 0);
    }

    private static @Nullable Grip furtherGrip(LockState state, Grip before, Call.Acquire acquire, Result result) {
        int added = addedToHold(acquire);
        if (acquire.limit() > 1 && state.held() + added > acquire.limit()) {
            return null;
        }
        long token = before.token();
        if (result instanceof Result.Granted granted) {
            if (!before.isOf(granted.token())) {
                return null;
            }
            token = granted.token();
        }
        return before.more(token, added, !(result instanceof Result.Granted));
    }

    /** What an acquire adds to what its owner holds already. */
    static int addedToHold(Call.Acquire acquire) {
        return acquire.limit() == 1 ? (acquire.reentrant() ? 1 : 0) : acquire.permits();
    }

    private static boolean holdsThatMany(LockState state, Call.Release release) {
        Grip grip = state.of(release.owner());
        return grip != null && grip.isOf(release.token()) && grip.count() >= release.permits();
    }

    private static @Nullable LockState released(LockState state, Call.Release release) {
        Grip grip = state.of(release.owner());
        if (grip == null || !holdsThatMany(state, release)) {
            return null;
        }
        return state.with(release.owner(), grip.less(release.permits() == 0 ? grip.count() : release.permits()));
    }

    private static @Nullable LockState seen(LockState state, List<Result.HoldSeen> holds) {
        boolean same = holds.size() == state.holds().size()
                && holds.stream()
                        .allMatch(hold ->
                                state.has(hold.owner(), hold.token()) && countOf(state, hold.owner()) == hold.count());
        return same ? state : null;
    }

    private static int countOf(LockState state, String owner) {
        Grip grip = state.of(owner);
        return grip == null ? 0 : grip.count();
    }
}
