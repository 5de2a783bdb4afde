package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A trial in words. */
final class Summary {
    /** In a line. */
    static String of(TrialReport report) {
        return String.format(
                "%s, %,d operations (%d of unknown outcome), %d keys linearizable of %d, %d s, seed %d",
                report.passed() ? "passed" : "FAILED",
                report.operations(),
                report.unknown(),
                report.verdicts().getOrDefault(Verdict.OK, 0L),
                report.keys().size(),
                report.seconds(),
                report.plan().seed());
    }

    /** All that is wrong, a line each. */
    static List<String> complaints(TrialReport report) {
        List<String> lines = new ArrayList<>(report.failures());
        report.violations().forEach(violation -> lines.add(violation.toString()));
        for (KeyReport key : report.badKeys()) {
            lines.add(
                    key.verdict() == Verdict.UNKNOWN
                            ? key.key() + ": the checker gave up, which counts as a failure"
                            : key.key() + ": not linearizable, shown by its first " + key.failingPrefix()
                                    + " completions");
        }
        return lines;
    }

    /** Each fault with the longest time that nothing was granted. */
    static String gaps(TrialReport report) {
        return report.faults().stream()
                .map(fault -> fault.fault() + " " + fault.longestGapMs() + " ms")
                .collect(Collectors.joining(", "));
    }

    private Summary() {}
}
