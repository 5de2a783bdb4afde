package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What holds across a restore. Each cluster's history is judged by itself, for what was done after the backup is lost on purpose; but no
 * token may come twice, and fencing needs that they rise.
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

    private static LongStream tokens(List<Operation> history) {
        return history.stream()
                .map(Operation::result)
                .filter(Result.Granted.class::isInstance)
                .mapToLong(result -> ((Result.Granted) result).token());
    }

    private Successors() {}
}
