package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.SmallestHistory.Found;
import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.invariant.Violation;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The outcome of a trial.
 *
 * @param operations how many were recorded
 * @param unknown how many of these have an unknown outcome
 * @param faults those that were inflicted, in order
 * @param course what its clients saw in the course of time
 * @param keys the checker's verdict on each key that it judged
 * @param smallest the fewest answers that show what is wrong with some of these keys
 * @param violations of the invariants
 * @param failures of the cluster as a whole: what should have become true, and did not; a hold that a bystander lost
 */
record TrialReport(
        TrialPlan plan,
        long seconds,
        int operations,
        int unknown,
        List<FaultReport> faults,
        Course course,
        List<KeyReport> keys,
        Map<KeyReport, Found> smallest,
        List<Violation> violations,
        List<String> failures) {

    /**
     * A fault, until the cluster had recovered.
     *
     * @param startedMs when it began, since the first operation
     * @param healedMs how long it took until it was put right, and killed clients were replaced
     * @param lastedMs how long until there had been enough grants again
     * @param longestGapMs the longest time without a grant
     * @param silenceMs the longest time that the bystander's lease was left alone
     * @param slowestKeepAliveMs the longest that one of its keep-alives took which was answered
     * @param note what else there is to say; empty if nothing
     */
    record FaultReport(
            String fault,
            long startedMs,
            long healedMs,
            long lastedMs,
            long longestGapMs,
            long silenceMs,
            long slowestKeepAliveMs,
            String note) {}

    TrialReport {
        faults = List.copyOf(faults);
        // Of what was right nobody asks for the details, and a soak has very many keys.
        keys = keys.stream()
                .map(key -> key.verdict() == Verdict.OK ? new KeyReport(key.key(), Verdict.OK, List.of(), 0) : key)
                .toList();
        smallest = Map.copyOf(smallest);
        violations = List.copyOf(violations);
        failures = List.copyOf(failures);
    }

    Map<Verdict, Long> verdicts() {
        return keys.stream().collect(Collectors.groupingBy(KeyReport::verdict, Collectors.counting()));
    }

    /** The keys whose history is not known to be linearizable. */
    List<KeyReport> badKeys() {
        return keys.stream().filter(key -> key.verdict() != Verdict.OK).toList();
    }

    boolean passed() {
        return badKeys().isEmpty() && violations.isEmpty() && failures.isEmpty();
    }
}
