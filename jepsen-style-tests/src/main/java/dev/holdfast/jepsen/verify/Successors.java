package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What holds across a restore. Each cluster's history is judged by itself, for what was done after the backup is lost on purpose; but no
 * token may come twice, and fencing needs that they rise. What the tokens guard is judged as a whole.
 */
final class Successors {
    /** What is wrong with the tokens of a cluster, given what the clusters before it did; {@code null} if nothing is. */
    static @Nullable String complaint(List<Operation> before, List<Operation> after) {
        long highest = tokens(before).max().orElse(0);
        long lowest = tokens(after).min().orElse(Long.MAX_VALUE);
        return lowest > highest
                ? null
                : "the restored cluster granted token " + lowest + ", and the one before it " + highest;
    }

    /**
     * What is to be judged together, given the histories of clusters that came one after the other. A cluster's locks are its own. What
     * tokens guard is no part of it, and goes on under the next one.
     */
    static List<List<Operation>> parts(List<List<Operation>> histories) {
        List<List<Operation>> parts = new ArrayList<>();
        List<Operation> guarded = new ArrayList<>();
        for (List<Operation> history : histories) {
            List<Operation> ofLocks = new ArrayList<>();
            history.forEach(operation -> (Judge.isOfRegister(operation) ? guarded : ofLocks).add(operation));
            parts.add(ofLocks);
        }
        parts.add(guarded);
        return parts;
    }

    private static LongStream tokens(List<Operation> history) {
        return history.stream()
                .map(Operation::result)
                .filter(Result.Granted.class::isInstance)
                .mapToLong(result -> ((Result.Granted) result).token());
    }

    private Successors() {}
}
