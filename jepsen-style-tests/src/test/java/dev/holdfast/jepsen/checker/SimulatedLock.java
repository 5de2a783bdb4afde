package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A sequential lock without waiters: a correct one, or one with a bug that real locks have had. */
final class SimulatedLock {
    enum Bug {
        NONE,
        /** Granted although somebody else holds it. */
        DOUBLE_GRANT,
        /** A release, or its end by lease, does not use up the token. */
        TOKEN_REUSED,
        /** A restart forgets the counter. */
        TOKEN_RESTARTED,
        /** The lease is counted too short. */
        EARLY_EXPIRY,
        /** A release checks the owner but not the token, so an old one frees a newer hold. */
        RELEASE_IGNORES_TOKEN,
        /** A release is acknowledged and forgotten. */
        RELEASE_LOST,
        /** A further acquire gets a token of its own. */
        REACQUIRE_NEW_TOKEN,
        /** A further acquire adds its permits twice: a repeated request. */
        APPLIED_TWICE,
        /** Permits are counted per request, not in total. */
        OVER_LIMIT,
        /** A query is answered from an old state. */
        DIRTY_READ,
        /** An extend is acknowledged without effect. */
        EXTEND_LOST,
        /** A free lock is refused. */
        REFUSED_THOUGH_FREE
    }

    private static final class Hold {
        long token;
        int count;
        long endNanos;
    }

    private final Bug bug;
    private final Map<String, Hold> holds = new LinkedHashMap<>();
    private List<Result.HoldSeen> seenBefore = List.of();
    private long lastToken;
    private int operations;

    SimulatedLock(Bug bug) {
        this.bug = bug;
    }

    Result execute(Call call, long nowNanos) {
        operations++;
        if (bug == Bug.TOKEN_RESTARTED && operations % 20 == 0) {
            lastToken = 0;
        }
        expire(nowNanos);
        Result result = take(call, nowNanos);
        if (operations % 5 == 0) {
            seenBefore = seen();
        }
        return result;
    }

    private void expire(long nowNanos) {
        holds.values().removeIf(hold -> hold.endNanos <= nowNanos);
    }

    private Result take(Call call, long nowNanos) {
        if (call instanceof Call.Acquire acquire) {
            return acquire(acquire, nowNanos);
        } else if (call instanceof Call.Release release) {
            return release(release);
        } else if (call instanceof Call.Extend extend) {
            return extend(extend, nowNanos);
        } else if (call instanceof Call.ForceRelease) {
            boolean held = !holds.isEmpty();
            holds.clear();
            return held ? new Result.Done() : new Result.NotHeld();
        } else if (call instanceof Call.Inspect) {
            return new Result.Seen(bug == Bug.DIRTY_READ ? seenBefore : seen());
        }
        throw new IllegalArgumentException(call.toString());
    }

    private List<Result.HoldSeen> seen() {
        List<Result.HoldSeen> seen = new ArrayList<>();
        holds.forEach((owner, hold) -> seen.add(new Result.HoldSeen(owner, hold.token, hold.count)));
        return seen;
    }

    private Result acquire(Call.Acquire acquire, long nowNanos) {
        Hold own = holds.get(acquire.owner());
        boolean mutex = acquire.limit() == 1;
        int added = own != null && mutex ? 0 : acquire.permits();
        int held = bug == Bug.OVER_LIMIT
                ? 0
                : holds.values().stream().mapToInt(hold -> hold.count).sum();
        boolean fits = held + added <= acquire.limit() || (bug == Bug.DOUBLE_GRANT && operations % 7 == 0);
        if (!fits || (bug == Bug.REFUSED_THOUGH_FREE && operations % 7 == 0 && own == null)) {
            return new Result.Refused();
        }
        if (own == null) {
            own = new Hold();
            own.token = bug == Bug.TOKEN_REUSED && operations % 5 == 0 ? Math.max(1, lastToken) : ++lastToken;
            holds.put(acquire.owner(), own);
        } else if (bug == Bug.REACQUIRE_NEW_TOKEN) {
            own.token = ++lastToken;
        }
        own.count += bug == Bug.APPLIED_TWICE && own.count > 0 ? 2 * added : added;
        own.endNanos = Math.max(own.endNanos, nowNanos + leaseNanos(acquire.leaseMs()));
        return new Result.Granted(own.token, own.count);
    }

    private long leaseNanos(long ms) {
        return TimeUnit.MILLISECONDS.toNanos(bug == Bug.EARLY_EXPIRY ? ms / 2 : ms);
    }

    private Result release(Call.Release release) {
        Hold own = holds.get(release.owner());
        boolean itsOwn = own != null && (own.token == release.token() || bug == Bug.RELEASE_IGNORES_TOKEN);
        if (!itsOwn || own.count < release.permits()) {
            return new Result.NotHeld();
        }
        if (bug != Bug.RELEASE_LOST || operations % 5 != 0) {
            own.count -= release.permits() == 0 ? own.count : release.permits();
            if (own.count == 0) {
                holds.remove(release.owner());
            }
        }
        return new Result.Done();
    }

    private Result extend(Call.Extend extend, long nowNanos) {
        Hold own = holds.get(extend.owner());
        if (own == null || own.token != extend.token()) {
            return new Result.NotHeld();
        }
        if (bug != Bug.EXTEND_LOST) {
            own.endNanos = Math.max(own.endNanos, nowNanos + leaseNanos(extend.ttlMs()));
        }
        return new Result.Done();
    }
}
