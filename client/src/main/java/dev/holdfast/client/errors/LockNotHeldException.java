package dev.holdfast.client.errors;

import dev.holdfast.client.LockOwner;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A release or an extension named a hold that does not exist: the owner does not hold the lockable, holds it under another
 * token, or {@linkplain #held holds fewer permits}. Nothing was changed.
 */
public final class LockNotHeldException extends LockException {
    private static final long serialVersionUID = 1;

    private final String lockableKey;
    private final String ownerType;
    private final String ownerId;
    private final @Nullable LockOwner currentOwner;
    private final int held;
    private final int requested;

    /** @param currentOwner who holds it instead, {@code null} when nobody does or it is not known */
    public LockNotHeldException(String lockableKey, LockOwner owner, @Nullable LockOwner currentOwner) {
        this(message(lockableKey, owner, currentOwner), lockableKey, owner, currentOwner, 0, 0);
    }

    /**
     * The owner holds permits, but not as many as were to be released.
     *
     * @param held how many it holds
     * @param requested how many were to be released
     */
    public LockNotHeldException(String lockableKey, LockOwner owner, int held, int requested) {
        this(tooFew(lockableKey, owner, held, requested), lockableKey, owner, owner, held, requested);
    }

    private LockNotHeldException(
            String message,
            String lockableKey,
            LockOwner owner,
            @Nullable LockOwner currentOwner,
            int held,
            int requested) {
        super(message, null);
        this.lockableKey = lockableKey;
        this.ownerType = owner.type();
        this.ownerId = owner.id();
        this.currentOwner = currentOwner;
        this.held = held;
        this.requested = requested;
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

    /** Who holds it instead; empty when nobody does, or it is not known. The owner itself if it holds too few permits. */
    public Optional<LockOwner> currentOwner() {
        return Optional.ofNullable(currentOwner);
    }

    /**
     * How many permits the owner holds, if those were too few: it still does, and may release them. 0 if it holds none under that
     * token.
     */
    public int held() {
        return held;
    }

    /** How many permits were to be released, if the owner holds too few; else 0. */
    public int requested() {
        return requested;
    }

    private static String tooFew(String key, LockOwner owner, int held, int requested) {
        return requested + " permits of '" + key + "' were to be released, and " + owner + " holds only " + held
                + ". None was released.";
    }

    private static String message(String key, LockOwner owner, @Nullable LockOwner current) {
        String instead = current == null || current.equals(owner) ? "" : "; it is held by " + current;
        return "'" + key + "' is not held by " + owner + " as this call assumed" + instead
                + ". It was released, taken by force, or never acquired by this owner.";
    }
}
