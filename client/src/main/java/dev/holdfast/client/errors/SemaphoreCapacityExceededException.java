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
    private final int waitersAhead;

    public SemaphoreCapacityExceededException(String lockableKey, int requested, int available, int max) {
        this(lockableKey, requested, available, max, 0);
    }

    /** @param waitersAhead how many waiters were in the way, if nothing else was; else 0 */
    public SemaphoreCapacityExceededException(
            String lockableKey, int requested, int available, int max, int waitersAhead) {
        super(message(lockableKey, requested, available, max, waitersAhead), null);
        this.waitersAhead = waitersAhead;
        this.lockableKey = lockableKey;
        this.requested = requested;
        this.available = available;
        this.max = max;
    }

    private static String message(String key, int requested, int available, int max, int waitersAhead) {
        String facts = "Semaphore '" + key + "' has " + available + " of " + max + " permits available, and "
                + requested + " were requested";
        if (waitersAhead > 0) {
            return facts + ", but " + Waiters.waitingLonger(waitersAhead) + ". Wait for them, to join the queue.";
        }
        return facts + (requested > max ? ": more than it will ever have." : ". Try again later, or wait for them.");
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

    /**
     * How many others were waiting when the request was judged, if they were all that was in the way: enough permits were
     * free, but they came first. Else 0.
     */
    public int waitersAhead() {
        return waitersAhead;
    }
}
