package dev.holdfast.client.errors;

import dev.holdfast.client.LockOwner;
import java.time.Instant;

/**
 * The hold ended by itself before the call: its TTL ran out, or the session that kept it lapsed. Others may have
 * acted since on whatever it protected.
 */
public final class LockExpiredException extends LockException {
    private static final long serialVersionUID = 1;

    private final String lockableKey;
    private final String ownerType;
    private final String ownerId;
    private final Instant expiredAt;

    public LockExpiredException(String lockableKey, LockOwner owner, Instant expiredAt) {
        super(
                "The hold of " + owner + " on '" + lockableKey + "' expired at " + expiredAt
                        + ". Others may have acquired it since; use a longer lease, or extend it in time.",
                null);
        this.lockableKey = lockableKey;
        this.ownerType = owner.type();
        this.ownerId = owner.id();
        this.expiredAt = expiredAt;
    }

    public String lockableKey() {
        return lockableKey;
    }

    public String ownerType() {
        return ownerType;
    }

    public String ownerId() {
        return ownerId;
    }

    /**
     * When this client stopped believing in the hold, by its wall clock; the cluster let it go at that time or a little
     * later. For people to read.
     */
    public Instant expiredAt() {
        return expiredAt;
    }
}
