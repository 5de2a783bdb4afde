package dev.holdfast.client.errors;

import dev.holdfast.client.LockOwner;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
    private final int waitersAhead;

    /**
     * @param owner who asked
     * @param currentOwner who holds it, {@code null} when that is not known
     */
    public LockAlreadyHeldException(String lockableKey, LockOwner owner, @Nullable LockOwner currentOwner) {
        this(lockableKey, owner, currentOwner, 0);
    }

    /**
     * @param owner who asked
     * @param currentOwner who holds it, {@code null} when that is not known
     * @param waitersAhead how many waiters were in the way, if nothing else was; else 0
     */
    public LockAlreadyHeldException(
            String lockableKey, LockOwner owner, @Nullable LockOwner currentOwner, int waitersAhead) {
        super(message(lockableKey, owner, currentOwner, waitersAhead), null);
        this.lockableKey = lockableKey;
        this.ownerType = owner.type();
        this.ownerId = owner.id();
        this.currentOwner = currentOwner;
        this.waitersAhead = waitersAhead;
    }

    /**
     * The wait for several together ran out.
     *
     * @param lockableKeys all that were asked for
     * @param owner who asked
     */
    public LockAlreadyHeldException(List<String> lockableKeys, LockOwner owner) {
        super(message(lockableKeys, owner), null);
        this.lockableKey = lockableKeys.get(0);
        this.ownerType = owner.type();
        this.ownerId = owner.id();
        this.currentOwner = null;
        this.waitersAhead = 0;
    }

    /** What was not free; if the wait for several ran out, the first of them. */
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

    /**
     * How many others were waiting for it when the request was judged, if they were all that was in the way: nobody held it,
     * but they came first. Else 0.
     */
    public int waitersAhead() {
        return waitersAhead;
    }

    private static String message(List<String> keys, LockOwner owner) {
        String names = keys.stream().map(key -> "'" + key + "'").collect(Collectors.joining(", "));
        return "Locks " + names + " were not acquired for " + owner
                + ": they did not become free together in time. Try again later, or acquire them with a longer wait.";
    }

    private static String message(String key, LockOwner owner, @Nullable LockOwner current, int waitersAhead) {
        if (waitersAhead > 0) {
            return "Lock '" + key + "' was not acquired for " + owner + ": nobody holds it, but "
                    + Waiters.waitingLonger(waitersAhead) + ". Acquire it with a wait, to join the queue.";
        }
        String why = current == null ? "it did not become free in time" : "it is held by " + current;
        return "Lock '" + key + "' was not acquired for " + owner + ": " + why
                + ". Try again later, or acquire it with a longer wait.";
    }
}
