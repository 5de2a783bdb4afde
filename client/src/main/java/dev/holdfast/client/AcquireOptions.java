package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.protocol.Command.Acquire;
import dev.holdfast.protocol.Limits;
import java.time.Duration;
import java.util.Optional;

/**
 * What an acquire asks for besides the lockable: how long the hold lives, and how long to wait for it. Immutable; each
 * method returns a copy.
 */
public final class AcquireOptions {
    /** The longest TTL. */
    public static final Duration TTL_MAX = Duration.ofMillis(Limits.TTL_MS_MAX);

    /** The longest wait that has an end. */
    public static final Duration WAIT_MAX = Duration.ofMillis(Limits.WAIT_MS_MAX);

    /** What {@link #waitMs} returns for a wait without a limit. */
    public static final long WAIT_FOREVER_MS = Acquire.WAIT_FOREVER;

    private static final AcquireOptions DEFAULTS = new AcquireOptions(LeaseKind.SESSION, 0, 0);

    private final LeaseKind lease;
    private final long ttlMs;
    private final long waitMs;

    private AcquireOptions(LeaseKind lease, long ttlMs, long waitMs) {
        this.lease = lease;
        this.ttlMs = ttlMs;
        this.waitMs = waitMs;
    }

    /** Held while this client lives; does not wait. */
    public static AcquireOptions defaults() {
        return DEFAULTS;
    }

    /** Held while this client lives: its session is renewed until the hold is released. This is the default. */
    public AcquireOptions whileClientLives() {
        return new AcquireOptions(LeaseKind.SESSION, 0, waitMs);
    }

    /**
     * Held for exactly that time unless extended, whatever becomes of this client.
     *
     * @param ttl positive, at most {@link #TTL_MAX}; rounded up to whole milliseconds
     * @throws LockRequestRejectedException if it is out of range
     */
    public AcquireOptions ttl(Duration ttl) {
        return new AcquireOptions(LeaseKind.TTL, Names.checkMillis("a TTL", ttl, Limits.TTL_MS_MAX), waitMs);
    }

    /** Held until its owner releases it, from anywhere, or it is released by force. Nothing else ends it. */
    public AcquireOptions untilReleased() {
        return new AcquireOptions(LeaseKind.UNTIL_RELEASED, 0, waitMs);
    }

    /**
     * Queues for at most that long, first come, first served.
     *
     * @param wait positive, at most {@link #WAIT_MAX}; rounded up to whole milliseconds
     * @throws LockRequestRejectedException if it is out of range
     */
    public AcquireOptions wait(Duration wait) {
        return new AcquireOptions(lease, ttlMs, Names.checkMillis("a wait", wait, Limits.WAIT_MS_MAX));
    }

    /** Queues until granted, given up by the caller, or the end of the session. */
    public AcquireOptions waitForever() {
        return new AcquireOptions(lease, ttlMs, WAIT_FOREVER_MS);
    }

    /** Does not queue: granted at once, or not at all. This is the default. */
    public AcquireOptions noWait() {
        return new AcquireOptions(lease, ttlMs, 0);
    }

    /** What ends the hold if nobody releases it. */
    public LeaseKind lease() {
        return lease;
    }

    /** The TTL that is asked for, in whole milliseconds; empty for the other kinds of lease. */
    public Optional<Duration> ttl() {
        return lease == LeaseKind.TTL ? Optional.of(Duration.ofMillis(ttlMs)) : Optional.empty();
    }

    /** How long to queue, in milliseconds: 0 is not at all, {@link #WAIT_FOREVER_MS} without a limit. */
    public long waitMs() {
        return waitMs;
    }
}
