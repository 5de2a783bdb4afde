package dev.holdfast.client.errors;

import dev.holdfast.client.LockOwner;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The lock was not acquired: somebody else holds it, or waits for it and comes first. The caller's own
 * holds are as before.
 */
public final class LockAlreadyHeldException extends LockException {
    private static final long serialVersionUID = 1;

    private final String lockableKey;
    private final String ownerType;
    private final String ownerId;
    private final @Nullable LockOwner currentOwner;

    /**
     * @param owner who asked
     * @param currentOwner who holds it, {@code null} when that is not known
     */
    public LockAlreadyHeldException(String lockableKey, LockOwner owner, @Nullable LockOwner currentOwner) {
        super(message(lockableKey, owner, currentOwner), null);
        this.lockableKey = lockableKey;
        this.ownerType = owner.type();
        this.ownerId = owner.id();
        this.currentOwner = currentOwner;
    }

    public String lockableKey() {
        return lockableKey;
    }

    /** The type of the owner that asked. */
    public String ownerType() {
        return ownerType;
    }

    /** The id of the owner that asked. */
    public String ownerId() {
        return ownerId;
    }

    /** Who held it when the request was judged; empty when only waiters were in the way, or a wait ran out. */
    public Optional<LockOwner> currentOwner() {
        return Optional.ofNullable(currentOwner);
    }

    private static String message(String key, LockOwner owner, @Nullable LockOwner current) {
        String why = current == null ? "it did not become free in time" : "it is held by " + current;
        return "Lock '" + key + "' was not acquired for " + owner + ": " + why
                + ". Try again later, or acquire it with a longer wait.";
    }
}
