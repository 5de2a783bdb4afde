package dev.holdfast.client.internal.lease;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.internal.serial.ClientClock;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What this client believes about one lease: held until a deadline, suspect from some time before it, lost from it on.
 *
 * <p>The state follows from the clock at the moment of asking, not from a timer that may be late after a long pause of the
 * process. Lost is final: whoever was told so once is never told otherwise, even when a confirmation was under way.
 *
 * <pre>
 * HELD    -- suspectAt comes ------------> SUSPECT
 * HELD    -- confirm --------------------> HELD
 * SUSPECT -- confirm --------------------> HELD
 * any     -- the deadline comes, expire -> LOST
 * </pre>
 *
 * Any thread may call it.
 */
public final class LeaseBelief {
    private static final long EXPIRED = Long.MIN_VALUE;

    private final AtomicLong deadline;
    private volatile long suspectAt;

    /** Both are instants of {@link ClientClock}. */
    public LeaseBelief(long suspectAtNanos, long deadlineNanos) {
        this.suspectAt = suspectAtNanos;
        this.deadline = new AtomicLong(Math.max(deadlineNanos, EXPIRED + 1));
    }

    /** A lease that nothing but {@link #expire} ends. */
    public static LeaseBelief unlimited() {
        return new LeaseBelief(ClientClock.NEVER, ClientClock.NEVER);
    }

    /**
     * Moves the deadline on. An earlier one than before changes nothing.
     *
     * @return false if the lease is lost already
     */
    public boolean confirm(long nowNanos, long suspectAtNanos, long deadlineNanos) {
        while (true) {
            if (isOver(nowNanos)) {
                return false;
            }
            long current = deadline.get();
            if (current != EXPIRED && deadlineNanos <= current) {
                return true;
            }
            if (current != EXPIRED && deadline.compareAndSet(current, deadlineNanos)) {
                suspectAt = suspectAtNanos;
                return true;
            }
        }
    }

    public HoldState state(long nowNanos) {
        if (isOver(nowNanos)) {
            return HoldState.LOST;
        }
        return nowNanos >= suspectAt ? HoldState.SUSPECT : HoldState.HELD;
    }

    // Whoever sees the deadline pass nails it down, so that a confirmation just behind comes too late for all.
    private boolean isOver(long nowNanos) {
        while (true) {
            long current = deadline.get();
            if (current == EXPIRED) {
                return true;
            }
            if (nowNanos < current) {
                return false;
            }
            if (deadline.compareAndSet(current, EXPIRED)) {
                return true;
            }
        }
    }

    /** Gives the lease up at once. */
    public void expire() {
        deadline.set(EXPIRED);
    }

    /** What is left of the lease, at least; zero when it is lost, {@link ClientClock#NEVER} when it is unlimited. */
    public long leftNanos(long nowNanos) {
        if (isOver(nowNanos)) {
            return 0;
        }
        long current = deadline.get();
        if (current == ClientClock.NEVER) {
            return ClientClock.NEVER;
        }
        return current <= nowNanos ? 0 : current - nowNanos;
    }

    /**
     * When half of the time between becoming suspect and being lost is over: the last moment to stop what needs the lease, for
     * whoever needs some time to stop. {@link ClientClock#NEVER} when it is unlimited.
     */
    public long dangerNanos() {
        long lostAt = deadline.get();
        if (lostAt == ClientClock.NEVER || lostAt == EXPIRED) {
            return lostAt;
        }
        return lostAt - Math.max(0, lostAt - suspectAt) / 2;
    }

    /** The next instant at which the state changes by itself. */
    public long nextChangeNanos(long nowNanos) {
        return nowNanos < suspectAt ? Math.min(suspectAt, deadline.get()) : deadline.get();
    }
}
