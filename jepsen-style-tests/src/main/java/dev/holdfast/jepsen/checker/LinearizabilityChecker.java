package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Judges histories key by key: an object is linearizable if each of its parts is (M. Herlihy and J. Wing, "Linearizability",
 * 1990). The keys are searched in turn with growing budgets, so that one hard key does not starve the others.
 *
 * @param <S> the model's state
 */
public final class LinearizabilityChecker<S> {
    private static final long FIRST_BUDGET = 10_000;
    private static final int BUDGET_GROWTH = 4;

    private final Model<S> model;
    private final UnaryOperator<List<Operation>> unseen;
    private final long stepsMax;

    /**
     * @param unseen adds, to the operations of a key, those that may have happened though nobody recorded them
     * @param stepsMax how many steps to spend on a key before giving up
     */
    public LinearizabilityChecker(Model<S> model, UnaryOperator<List<Operation>> unseen, long stepsMax) {
        this.model = model;
        this.unseen = unseen;
        this.stepsMax = stepsMax;
    }

    /**
     * What was found for one key.
     *
     * @param operations all of them, with those that were added, by invocation
     * @param failingPrefix if the verdict is ILLEGAL, how many of the completions, in their order, are enough to show it;
     *     else 0
     */
    public record KeyReport(String key, Verdict verdict, List<Operation> operations, int failingPrefix) {
        public KeyReport {
            operations = List.copyOf(operations);
        }
    }

    /** Judges every key of the history. */
    public List<KeyReport> check(List<Operation> history) {
        Map<String, List<Operation>> byKey = new TreeMap<>();
        for (Operation operation : history) {
            // An operation that certainly had no effect proves nothing.
            if (!(operation.result() instanceof Result.Failed)) {
                byKey.computeIfAbsent(operation.key(), key -> new ArrayList<>()).add(operation);
            }
        }
        byKey.replaceAll((key, operations) -> byInvocation(unseen.apply(operations)));
        Map<String, Verdict> verdicts = verdicts(byKey);
        List<KeyReport> reports = new ArrayList<>();
        byKey.forEach((key, operations) -> {
            Verdict verdict = verdicts.getOrDefault(key, Verdict.UNKNOWN);
            int prefix = verdict == Verdict.ILLEGAL ? shortestFailingPrefix(operations) : 0;
            reports.add(new KeyReport(key, verdict, operations, prefix));
        });
        return reports;
    }

    private static List<Operation> byInvocation(List<Operation> operations) {
        return operations.stream()
                .sorted(Comparator.comparingLong(Operation::invokedNanos))
                .toList();
    }

    private Map<String, Verdict> verdicts(Map<String, List<Operation>> byKey) {
        Map<String, Search<S>> searches = new LinkedHashMap<>();
        byKey.forEach((key, operations) -> searches.put(key, new Search<>(model, operations)));
        Map<String, Verdict> verdicts = new TreeMap<>();
        long spent = 0;
        for (long budget = FIRST_BUDGET; !searches.isEmpty() && spent < stepsMax; budget *= BUDGET_GROWTH) {
            long steps = Math.min(budget, stepsMax - spent);
            spent += steps;
            searches.entrySet().removeIf(search -> {
                Verdict verdict = search.getValue().run(steps);
                verdicts.put(search.getKey(), verdict);
                return verdict != Verdict.UNKNOWN;
            });
        }
        return verdicts;
    }

    /** Every prefix of a linearizable history is linearizable, so the shortest that is not is found by halving. */
    private int shortestFailingPrefix(List<Operation> operations) {
        List<Operation> completed = operations.stream()
                .filter(operation -> !operation.isUnknown())
                .sorted(Comparator.comparingLong(Operation::completedNanos))
                .toList();
        int legal = 0;
        int illegal = completed.size();
        while (illegal - legal > 1) {
            int middle = (legal + illegal) / 2;
            List<Operation> prefix = until(operations, completed.get(middle - 1).completedNanos());
            if (new Search<>(model, prefix).run(stepsMax) == Verdict.ILLEGAL) {
                illegal = middle;
            } else {
                legal = middle;
            }
        }
        return illegal;
    }

    /** The history as it was at that instant: what was still under way then has no outcome yet. */
    static List<Operation> until(List<Operation> operations, long nanos) {
        List<Operation> prefix = new ArrayList<>();
        for (Operation operation : operations) {
            if (operation.isUnknown() || operation.completedNanos() <= nanos) {
                if (operation.invokedNanos() <= nanos) {
                    prefix.add(operation);
                }
            } else if (operation.invokedNanos() <= nanos) {
                prefix.add(new Operation(
                        operation.process(),
                        operation.key(),
                        operation.call(),
                        new Result.Unknown("under way"),
                        operation.invokedNanos(),
                        Operation.NEVER));
            }
        }
        return prefix;
    }
}
