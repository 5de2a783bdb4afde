package dev.holdfast.client;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.protocol.Command.Acquire;
import dev.holdfast.protocol.Limits;
import java.time.Duration;
import java.util.Optional;

/**
 * How long an acquired hold lives, and how long to wait for it. Immutable; each method returns a copy.
 */
@CheckReturnValue
public final class AcquireOptions {
    /** The longest TTL. */
    public static final Duration TTL_MAX = Duration.ofMillis(Limits.TTL_MS_MAX);

    /** The longest wait, other than {@link #waitForever}. */
    public static final Duration WAIT_MAX = Duration.ofMillis(Limits.WAIT_MS_MAX);

    /** What {@link #waitMs} returns for a wait without a limit. */
    public static final long WAIT_FOREVER_MS = Acquire.WAIT_FOREVER;

    /**
     * A waiting caller hears of the end of its wait at the latest one part in so many of the
     * {@linkplain ClientOptions#requestTimeout request timeout} later, which is 1 s by default.
     */
    public static final int GRACE_PART = 10;

    private static final AcquireOptions DEFAULTS = new AcquireOptions(LeaseKind.SESSION, 0, 0, 0);

    private final LeaseKind lease;
    private final long ttlMs;
    private final long waitMs;

    /** 0 if there is none. */
    private final long timeoutMs;

    private AcquireOptions(LeaseKind lease, long ttlMs, long waitMs, long timeoutMs) {
        this.lease = lease;
        this.ttlMs = ttlMs;
        this.waitMs = waitMs;
        this.timeoutMs = timeoutMs;
    }

    /** A hold that lives while this client lives; no waiting. */
    public static AcquireOptions defaults() {
        return DEFAULTS;
    }

    /** The hold lives while this client lives: the client's session is renewed until the hold is released. The default. */
    public AcquireOptions whileClientLives() {
        return new AcquireOptions(LeaseKind.SESSION, 0, waitMs, timeoutMs);
    }

    /**
     * The hold lives for exactly that time unless it is extended, whatever becomes of this client.
     *
     * @param ttl positive, at most {@link #TTL_MAX}; rounded up to whole milliseconds
     * @throws LockRequestRejectedException if it is out of range
     */
    public AcquireOptions ttl(Duration ttl) {
        return new AcquireOptions(LeaseKind.TTL, Names.checkMillis("a TTL", ttl, Limits.TTL_MS_MAX), waitMs, timeoutMs);
    }

    /** The hold lives until its owner releases it, from anywhere, or it is released by force. Nothing else ends it. */
    public AcquireOptions untilReleased() {
        return new AcquireOptions(LeaseKind.UNTIL_RELEASED, 0, waitMs, timeoutMs);
    }

    /**
     * Queues for at most that long. The queue is first come, first served. The call
     * ends by then, or a {@linkplain #GRACE_PART tenth} of the request timeout later if the cluster cannot be reached or does not
     * answer in time. A client that has just been made needs time for its first connection as well: see
     * {@link HoldfastClient#awaitConnected}.
     *
     * @param wait at most {@link #WAIT_MAX}; rounded up to whole milliseconds. Zero is {@link #noWait}
     * @throws LockRequestRejectedException if it is negative or too long
     */
    public AcquireOptions wait(Duration wait) {
        return wait.isZero()
                ? noWait()
                : new AcquireOptions(lease, ttlMs, Names.checkMillis("a wait", wait, Limits.WAIT_MS_MAX), timeoutMs);
    }

    /**
     * The call ends within that time whatever happens: if no server can be reached, if none answers, and in the queue. Without
     * a timeout, a call without a wait, or with one that is unlimited, gives up if nothing is known of it within the
     * {@linkplain ClientOptions#requestTimeout request timeout} of the client or {@linkplain HoldfastLock#withRequestTimeout of
     * the lock}.
     *
     * @param timeout positive, at most {@link #WAIT_MAX}; rounded up to whole milliseconds
     * @throws LockRequestRejectedException if it is out of range
     */
    public AcquireOptions timeout(Duration timeout) {
        return new AcquireOptions(lease, ttlMs, waitMs, Names.checkMillis("a timeout", timeout, Limits.WAIT_MS_MAX));
    }

    /** Within what time the call ends in any case, if that was asked for. */
    public Optional<Duration> timeout() {
        return timeoutMs == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(timeoutMs));
    }

    /** Queues until the acquire is granted, its caller gives it up, or the session ends. */
    public AcquireOptions waitForever() {
        return new AcquireOptions(lease, ttlMs, WAIT_FOREVER_MS, timeoutMs);
    }

    /** Does not queue: the acquire is granted at once or refused. The default. */
    public AcquireOptions noWait() {
        return new AcquireOptions(lease, ttlMs, 0, timeoutMs);
    }

    /** What ends the hold if nobody releases it. */
    public LeaseKind lease() {
        return lease;
    }

    /** The TTL asked for, in whole milliseconds; empty for the other kinds of lease. */
    public Optional<Duration> ttl() {
        return lease == LeaseKind.TTL ? Optional.of(Duration.ofMillis(ttlMs)) : Optional.empty();
    }

    /** How long to queue, in milliseconds: 0 for not at all, {@link #WAIT_FOREVER_MS} for no limit. */
    public long waitMs() {
        return waitMs;
    }
}
