package dev.holdfast.client.errors;

import dev.holdfast.client.LockOwner;

/**
 * Work under a lock was interrupted because its hold was about to expire, and ended with an exception, which is
 * {@linkplain #getSuppressed suppressed} here. The hold was there until the work had ended: nobody else can have acted in between.
 */
public final class LockExpiringException extends LockException {
    private static final long serialVersionUID = 1;

    private final String lockableKey;
    private final String ownerType;
    private final String ownerId;

    public LockExpiringException(String lockableKey, LockOwner owner) {
        super(
                "The work under '" + lockableKey + "' was interrupted because the hold of " + owner
                        + " was about to expire without having been renewed. It was held until the work had ended. Do the work again; "
                        + "if it needs more time, use a longer lease, or extend it in time.",
                null);
        this.lockableKey = lockableKey;
        this.ownerType = owner.type();
        this.ownerId = owner.id();
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
}
