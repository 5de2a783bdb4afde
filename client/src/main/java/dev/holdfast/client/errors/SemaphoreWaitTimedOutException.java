package dev.holdfast.client.errors;

import dev.holdfast.client.LockOwner;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * The wait for permits ran out: there were not that many free, or others came first. The caller's own holds are as before.
 *
 * <p>{@code hold} and {@code withPermits} look at the semaphore once more after the wait, if there is time left for that, and tell
 * here what they saw. The exception of an {@link dev.holdfast.client.AcquireResult} tells only what was asked for.
 */
public final class SemaphoreWaitTimedOutException extends LockException {
    private static final long serialVersionUID = 1;

    /** So many owners are named at most. */
    public static final int HOLDERS_MAX = 10;

    private static final int UNKNOWN = -1;

    private final String lockableKey;
    private final int requested;
    private final int max;
    private final Duration waited;
    private final int available;
    private final List<LockOwner> holders;

    /** When nothing more is known. */
    public SemaphoreWaitTimedOutException(String lockableKey, int requested, int max, Duration waited) {
        this(lockableKey, requested, max, waited, UNKNOWN, List.of());
    }

    /**
     * @param available how many are free now
     * @param holders who holds permits now; the first {@link #HOLDERS_MAX} are kept
     */
    public SemaphoreWaitTimedOutException(
            String lockableKey, int requested, int max, Duration waited, int available, List<LockOwner> holders) {
        super(message(lockableKey, requested, max, waited, available, holders), null);
        this.lockableKey = lockableKey;
        this.requested = requested;
        this.max = max;
        this.waited = waited;
        this.available = available;
        this.holders = firstOf(holders);
    }

    private static List<LockOwner> firstOf(List<LockOwner> holders) {
        return List.copyOf(holders.subList(0, Math.min(HOLDERS_MAX, holders.size())));
    }

    public String lockableKey() {
        return lockableKey;
    }

    public int requested() {
        return requested;
    }

    /** The size by which the request was judged. */
    public int max() {
        return max;
    }

    /** How long the caller was willing to wait. */
    public Duration waited() {
        return waited;
    }

    /** How many were free right after the wait; empty if that is not known. As many as requested if others came first. */
    public OptionalInt available() {
        return available == UNKNOWN ? OptionalInt.empty() : OptionalInt.of(available);
    }

    /**
     * Who held permits right after the wait, the first {@link #HOLDERS_MAX} of them, those who have held theirs for longest first; empty
     * if nobody did, or it is not known.
     */
    public List<LockOwner> holders() {
        return holders;
    }

    private static String message(
            String key, int requested, int max, Duration waited, int available, List<LockOwner> holders) {
        return "The " + requested + " permits that were requested of semaphore '" + key
                + "' did not become free within "
                + waited + "." + (available == UNKNOWN ? "" : seen(max, available, holders))
                + " Try again later, or wait longer.";
    }

    private static String seen(int max, int available, List<LockOwner> holders) {
        String free = " Of its " + max + " permits, " + available + " are free";
        if (holders.isEmpty()) {
            return free + ".";
        }
        String more = holders.size() > HOLDERS_MAX ? " and " + (holders.size() - HOLDERS_MAX) + " more" : "";
        return free + "; others are held by "
                + firstOf(holders).stream().map(LockOwner::toString).collect(Collectors.joining(", ")) + more + ".";
    }
}
