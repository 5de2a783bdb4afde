package dev.holdfast.client.errors;

/**
 * The permits were not acquired: the semaphore does not have that many free, or never will. The caller's own holds are as
 * before.
 */
public final class SemaphoreCapacityExceededException extends LockException {
    private static final long serialVersionUID = 1;

    private final String lockableKey;
    private final int requested;
    private final int available;
    private final int max;

    public SemaphoreCapacityExceededException(String lockableKey, int requested, int available, int max) {
        super(
                "Semaphore '" + lockableKey + "' has " + available + " of " + max + " permits available, and "
                        + requested
                        + " were requested"
                        + (requested > max ? ": more than it will ever have." : ". Try again later, or wait for them."),
                null);
        this.lockableKey = lockableKey;
        this.requested = requested;
        this.available = available;
        this.max = max;
    }

    public String lockableKey() {
        return lockableKey;
    }

    public int requested() {
        return requested;
    }

    /**
     * How many were free when the request was judged. When {@link #requested()} is above {@link #max()} the request may
     * have been judged without asking the cluster, and this is then {@code max}, the most that can be free.
     */
    public int available() {
        return available;
    }

    public int max() {
        return max;
    }
}
