package dev.holdfast.client.errors;

import dev.holdfast.client.LockOwner;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A release or an extension named a hold that does not exist: the owner does not hold the lockable, holds it under another
 * token, or holds fewer permits. Nothing was changed.
 */
public final class LockNotHeldException extends LockException {
    private static final long serialVersionUID = 1;

    private final String lockableKey;
    private final String ownerType;
    private final String ownerId;
    private final @Nullable LockOwner currentOwner;

    /** @param currentOwner who holds it instead, {@code null} when nobody does or it is not known */
    public LockNotHeldException(String lockableKey, LockOwner owner, @Nullable LockOwner currentOwner) {
        super(message(lockableKey, owner, currentOwner), null);
        this.lockableKey = lockableKey;
        this.ownerType = owner.type();
        this.ownerId = owner.id();
        this.currentOwner = currentOwner;
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

    /** Who holds it instead; empty when nobody does, or it is not known. */
    public Optional<LockOwner> currentOwner() {
        return Optional.ofNullable(currentOwner);
    }

    private static String message(String key, LockOwner owner, @Nullable LockOwner current) {
        String instead = current == null || current.equals(owner) ? "" : "; it is held by " + current;
        return "'" + key + "' is not held by " + owner + " as this call assumed" + instead
                + ". It was released, taken by force, or never acquired by this owner.";
    }
}
