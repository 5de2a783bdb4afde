package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.invariant.Violation;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What came of a trial.
 *
 * @param operations how many were recorded
 * @param unknown how many of these have an outcome that nobody knows
 * @param faults those that were inflicted, in order
 * @param keys what the checker says of each key that it was asked about
 * @param violations of what must hold of any history
 * @param failures of the cluster as a whole: what it should have come to afterwards, and did not
 */
record TrialReport(
        TrialPlan plan,
        long seconds,
        int operations,
        int unknown,
        List<FaultReport> faults,
        List<KeyReport> keys,
        List<Violation> violations,
        List<String> failures) {

    /**
     * @param longestGapMs the longest time without any grant, from the fault until all was well again
     */
    record FaultReport(String fault, long lastedMs, long longestGapMs) {}

    TrialReport {
        faults = List.copyOf(faults);
        keys = List.copyOf(keys);
        violations = List.copyOf(violations);
        failures = List.copyOf(failures);
    }

    Map<Verdict, Long> verdicts() {
        return keys.stream().collect(Collectors.groupingBy(KeyReport::verdict, Collectors.counting()));
    }

    /** The keys whose history is not known to be right. */
    List<KeyReport> badKeys() {
        return keys.stream().filter(key -> key.verdict() != Verdict.OK).toList();
    }

    boolean passed() {
        return badKeys().isEmpty() && violations.isEmpty() && failures.isEmpty();
    }
}
