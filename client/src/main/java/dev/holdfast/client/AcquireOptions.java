package dev.holdfast.client;

import dev.holdfast.protocol.Command.Acquire;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import java.time.Duration;
import java.util.Optional;

/**
 * What an acquire asks for besides the lockable: how long the hold shall live, and how long to wait for it. Immutable; each
 * method returns a copy.
 */
public final class AcquireOptions {
    private static final AcquireOptions DEFAULTS = new AcquireOptions(Lease.SESSION, 0);

    private final Lease lease;
    private final long waitMs;

    private AcquireOptions(Lease lease, long waitMs) {
        this.lease = lease;
        this.waitMs = waitMs;
    }

    /** Held while this client lives; not waited for. */
    public static AcquireOptions defaults() {
        return DEFAULTS;
    }

    /** Held while this client lives: its session is renewed for it until it is released. This is the default. */
    public AcquireOptions whileClientLives() {
        return new AcquireOptions(Lease.SESSION, waitMs);
    }

    /**
     * Held for exactly that time unless extended, whatever becomes of this client.
     *
     * @param ttl positive, at most {@link Limits#TTL_MS_MAX} ms; rounded up to whole milliseconds
     * @throws LockRequestRejectedException if it is out of range
     */
    public AcquireOptions ttl(Duration ttl) {
        return new AcquireOptions(Lease.ttl(Names.checkMillis("a TTL", ttl, Limits.TTL_MS_MAX)), waitMs);
    }

    /** Held until its owner releases it, from anywhere, or it is released by force. Nothing else ends it. */
    public AcquireOptions untilReleased() {
        return new AcquireOptions(Lease.UNTIL_RELEASED, waitMs);
    }

    /**
     * Queues for at most that long, first come, first served.
     *
     * @param wait positive, at most {@link Limits#WAIT_MS_MAX} ms; rounded up to whole milliseconds
     * @throws LockRequestRejectedException if it is out of range
     */
    public AcquireOptions wait(Duration wait) {
        return new AcquireOptions(lease, Names.checkMillis("a wait", wait, Limits.WAIT_MS_MAX));
    }

    /** Queues until granted, given up by the caller, or the session's end. */
    public AcquireOptions waitForever() {
        return new AcquireOptions(lease, Acquire.WAIT_FOREVER);
    }

    /** Does not queue: granted at once, or not at all. This is the default. */
    public AcquireOptions noWait() {
        return new AcquireOptions(lease, 0);
    }

    /** The lease that is asked for. */
    public Lease lease() {
        return lease;
    }

    /** The TTL that is asked for; empty for the other kinds of lease. */
    public Optional<Duration> ttl() {
        return lease.kind() == LeaseKind.TTL ? Optional.of(Duration.ofMillis(lease.ttlMs())) : Optional.empty();
    }

    /** How long to queue in milliseconds: 0 is not at all, {@link Acquire#WAIT_FOREVER} without a limit. */
    public long waitMs() {
        return waitMs;
    }
}
