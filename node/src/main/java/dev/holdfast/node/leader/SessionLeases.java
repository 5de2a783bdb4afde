package dev.holdfast.node.leader;

import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which sessions are alive, as one leader knows it, in memory only. Each has a full lease from the beginning of the term, and
 * a full lease from the arrival of each keep-alive, also of one that is never answered: that only makes the leader wait longer
 * before it proposes the session's expiry. Once it has proposed that, no keep-alive of the session renews it in this term, and
 * none is answered with a renewal, not even one that had arrived before.
 *
 * <p>See {@code docs/adr/001-confirm-leadership-by-term-probe.md}.
 */
final class SessionLeases {
    private static final class Entry {
        final long leaseNanos;
        long deadlineNanos;

        /** Whether a keep-alive of it was answered in this term, and until when its client then knew that it lives. */
        boolean answered;

        long answeredUntilNanos;
        boolean expiring;

        Entry(long leaseNanos, long deadlineNanos) {
            this.leaseNanos = leaseNanos;
            this.deadlineNanos = deadlineNanos;
        }
    }

    /**
     * An answer may be held back for this part of what is left of the lease, but never longer than the maximum. Where the client
     * may have less left of its lease than is known here, it is held back no longer than {@link #PATIENCE_UNSURE_NANOS}.
     */
    private static final int PATIENCE_PART = 32;

    private static final long PATIENCE_MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    static final long PATIENCE_UNSURE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<SessionId, Entry> sessions = new HashMap<>();

    /** No lease lapses before this; exact only right after {@link #lapse}. */
    private long firstLapseNanos;

    void open(SessionId session, long leaseMs, long nowNanos) {
        locked(() -> {
            long leaseNanos = TimeUnit.MILLISECONDS.toNanos(leaseMs);
            long deadline = nowNanos + leaseNanos;
            if (sessions.isEmpty() || deadline - firstLapseNanos < 0) {
                firstLapseNanos = deadline;
            }
            sessions.putIfAbsent(session, new Entry(leaseNanos, deadline));
        });
    }

    void end(SessionId session) {
        locked(() -> sessions.remove(session));
    }

    /** A keep-alive arrived. Renews the session from then on, unless it is gone or about to be. */
    void renew(SessionId session, long arrivalNanos) {
        locked(() -> {
            Entry entry = sessions.get(session);
            if (entry != null && !entry.expiring) {
                entry.deadlineNanos = later(entry.deadlineNanos, arrivalNanos + entry.leaseNanos);
            }
        });
    }

    /**
     * A keep-alive that arrived then is about to be answered: with a renewal that counts from its arrival, or, if this returns
     * {@code false}, with the news that the session is gone or about to be.
     */
    boolean answer(SessionId session, long arrivalNanos) {
        lock.lock();
        try {
            Entry entry = sessions.get(session);
            if (entry == null || entry.expiring) {
                return false;
            }
            long untilNanos = arrivalNanos + entry.leaseNanos;
            entry.answeredUntilNanos = entry.answered ? later(entry.answeredUntilNanos, untilNanos) : untilNanos;
            entry.answered = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static long later(long one, long other) {
        return other - one > 0 ? other : one;
    }

    /**
     * For how long the answer to a keep-alive can be held back without harm, so that it shares a round with others. What counts
     * is what the client was told. If that was nothing in this term, the session has a full lease here, while its client may be
     * close to the end of what a former leader has granted.
     */
    long patienceNanos(SessionId session, long nowNanos) {
        lock.lock();
        try {
            Entry entry = sessions.get(session);
            if (entry == null || !entry.answered) {
                return PATIENCE_UNSURE_NANOS;
            }
            long left = Math.max(0, entry.answeredUntilNanos - nowNanos);
            return Math.min(left / PATIENCE_PART, PATIENCE_MAX_NANOS);
        } finally {
            lock.unlock();
        }
    }

    /** Gives every session that much more time: this process was not listening for that long. */
    void prolongAll(long nanos) {
        locked(() -> sessions.values().forEach(entry -> entry.deadlineNanos += nanos));
    }

    /** Sessions whose lease lapsed; from now on they are expiring. */
    List<SessionId> lapse(long nowNanos) {
        List<SessionId> lapsed = new ArrayList<>();
        locked(() -> {
            long first = nowNanos + Long.MAX_VALUE / 2;
            for (Map.Entry<SessionId, Entry> session : sessions.entrySet()) {
                Entry entry = session.getValue();
                if (entry.expiring) {
                    continue;
                }
                if (entry.deadlineNanos - nowNanos <= 0) {
                    entry.expiring = true;
                    lapsed.add(session.getKey());
                } else if (entry.deadlineNanos - first < 0) {
                    first = entry.deadlineNanos;
                }
            }
            firstLapseNanos = first;
        });
        // Not in the order of a hash, so that logs and tests are repeatable.
        lapsed.sort(null);
        return lapsed;
    }

    /** No session lapses within that many nanoseconds from now; {@link Long#MAX_VALUE} if there are none. */
    long nanosToFirstLapse(long nowNanos) {
        lock.lock();
        try {
            return sessions.isEmpty() ? Long.MAX_VALUE : firstLapseNanos - nowNanos;
        } finally {
            lock.unlock();
        }
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }
}
