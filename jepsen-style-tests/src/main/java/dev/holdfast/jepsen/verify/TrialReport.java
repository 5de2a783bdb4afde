package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
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
 * @param keys the checker's verdict on each key that it judged
 * @param violations of the invariants
 * @param failures of the cluster as a whole: what should have become true, and did not; a hold that a bystander lost
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
     * A fault, until the cluster had recovered.
     *
     * @param longestGapMs the longest time without a grant
     * @param silenceMs the longest time that the bystander's lease was left alone
     * @param slowestKeepAliveMs the longest that one of its keep-alives took which was answered
     * @param note what else there is to say; empty if nothing
     */
    record FaultReport(
            String fault, long lastedMs, long longestGapMs, long silenceMs, long slowestKeepAliveMs, String note) {}

    TrialReport {
        faults = List.copyOf(faults);
        keys = List.copyOf(keys);
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
