package dev.holdfast.jepsen.cluster;

import java.util.List;

/**
 * How {@code holdfast node} ended that could not start.
 *
 * @param status its exit status
 * @param lines all that it printed
 */
public record RefusedStart(int status, List<String> lines) {
    private static final int UNUSABLE = 74;

    public RefusedStart {
        lines = List.copyOf(lines);
    }

    /**
     * Checks that it said in one line what cannot be used, and ended with the status for that.
     *
     * @param why what has to be in that line
     * @throws IllegalStateException if it did not
     */
    public void mustTellOf(String why) {
        if (status != UNUSABLE || lines.size() != 1 || !lines.get(0).contains(why)) {
            throw new IllegalStateException("a node was expected to say in one line that it cannot start because of \""
                    + why + "\" and to exit with " + UNUSABLE + ", but it exited with " + status + " and said "
                    + lines);
        }
    }
}
