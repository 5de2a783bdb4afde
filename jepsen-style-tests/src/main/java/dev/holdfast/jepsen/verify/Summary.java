package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.SmallestHistory.Found;
import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.verify.TrialReport.FaultReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Describes a trial in words. */
final class Summary {
    /** In one line. */
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

    /** Everything that is wrong, in one line each. */
    static List<String> complaints(TrialReport report) {
        List<String> lines = new ArrayList<>(report.failures());
        report.violations().forEach(violation -> lines.add(violation.toString()));
        for (KeyReport key : report.badKeys()) {
            lines.add(
                    key.verdict() == Verdict.UNKNOWN
                            ? key.key() + ": the checker gave up, which counts as a failure"
                            : key.key() + ": not linearizable, as shown by its first " + key.failingPrefix()
                                    + " completions");
        }
        return lines;
    }

    /** The smallest history that shows what is wrong with a key, in a heading and one line for each operation. */
    static List<String> smallest(KeyReport key, Found found) {
        List<String> lines = new ArrayList<>();
        lines.add(key.key() + ": no order of " + (found.operations().size() == 1 ? "this" : "these") + " explains "
                + (found.operations().size() == 1 ? "the answer" : "all the answers") + ", whatever became of "
                + (found.others() == 1 ? "the other operation" : "the " + found.others() + " others")
                + (found.minimal() ? "" : "; fewer might do"));
        long began = found.operations().get(0).invokedNanos();
        found.operations().forEach(operation -> lines.add(line(operation, began)));
        return lines;
    }

    private static String line(Operation operation, long began) {
        return String.format(
                Locale.ROOT,
                "%.1f ms to %s, process %d: %s -> %s",
                millis(operation.invokedNanos() - began),
                operation.completedNanos() == Operation.NEVER
                        ? "never"
                        : String.format(Locale.ROOT, "%.1f ms", millis(operation.completedNanos() - began)),
                operation.process(),
                operation.call(),
                operation.result());
    }

    /** What was recorded of the keys whose history is wrong, in one line for each operation. */
    static List<String> evidence(TrialReport report) {
        List<String> lines = new ArrayList<>();
        for (KeyReport key : report.badKeys()) {
            List<Operation> recorded = key.operations().stream()
                    .filter(operation -> operation.process() >= 0)
                    .toList();
            long began = recorded.get(0).invokedNanos();
            for (Operation operation : recorded) {
                lines.add(key.key() + ": " + line(operation, began));
            }
        }
        return lines;
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }

    /** Each fault with the longest time in which nothing was granted. */
    static String gaps(TrialReport report) {
        return report.faults().stream()
                .map(fault -> fault.fault() + " " + fault.longestGapMs() + " ms")
                .collect(Collectors.joining(", "));
    }

    /** What the bystander saw of a fault, and what else there is to say of it. */
    static String bystander(FaultReport fault) {
        return fault.fault() + ": " + seenByBystander(fault);
    }

    /** The same without the fault's name. */
    static String seenByBystander(FaultReport fault) {
        String line = "the bystander's longest silence " + fault.silenceMs() + " ms, slowest keep-alive "
                + fault.slowestKeepAliveMs() + " ms";
        return fault.note().isEmpty() ? line : line + "; " + fault.note();
    }

    private Summary() {}
}
