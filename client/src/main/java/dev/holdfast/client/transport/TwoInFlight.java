package dev.holdfast.client.transport;

/**
 * The rule for coalescing batches: at most two are in flight at a time, and the second leaves only if it has at least half
 * as many commands as the first. The log does not idle while replies travel and callers come back, and batches do not get
 * small. Clients batch commands by this rule, and leaders batch log entries. See {@code docs/adr/007-two-batches-in-flight.md}.
 */
public final class TwoInFlight {
    /** The most that are in flight at a time. */
    public static final int MAX = 2;

    /**
     * Whether what waits may leave now.
     *
     * @param inFlight how many batches are in flight
     * @param sizeOfFirst how many commands the oldest of them has; ignored if there is none
     * @param waiting how many commands wait; at least 1
     */
    public static boolean mayLeave(int inFlight, int sizeOfFirst, int waiting) {
        return inFlight == 0 || (inFlight < MAX && waiting >= (sizeOfFirst + 1) / 2);
    }

    private TwoInFlight() {}
}
