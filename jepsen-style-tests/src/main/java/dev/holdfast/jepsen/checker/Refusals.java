package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which refused acquires may have had a waiter ahead of them: those that another acquire on their key overlaps. The
 * state of a {@link LockModel} has no queue, as nobody is told when a waiter enters it.
 */
public final class Refusals {
    private final Set<Operation> overlapped = new HashSet<>();

    public Refusals(Collection<Operation> history) {
        Map<String, List<Operation>> acquires = new HashMap<>();
        for (Operation operation : history) {
            if (operation.call() instanceof Call.Acquire) {
                acquires.computeIfAbsent(operation.key(), key -> new ArrayList<>())
                        .add(operation);
            }
        }
        acquires.values().forEach(this::findOverlapped);
    }

    private void findOverlapped(List<Operation> acquires) {
        acquires.sort(Comparator.comparingLong(Operation::invokedNanos));
        long latestCompletion = Long.MIN_VALUE;
        for (int i = 0; i < acquires.size(); i++) {
            Operation acquire = acquires.get(i);
            boolean nextBegins =
                    i + 1 < acquires.size() && acquires.get(i + 1).invokedNanos() <= acquire.completedNanos();
            if (latestCompletion >= acquire.invokedNanos() || nextBegins) {
                overlapped.add(acquire);
            }
            latestCompletion = Math.max(latestCompletion, acquire.completedNanos());
        }
    }

    boolean mayBeQueuedBehind(Operation acquire) {
        return overlapped.contains(acquire);
    }
}
