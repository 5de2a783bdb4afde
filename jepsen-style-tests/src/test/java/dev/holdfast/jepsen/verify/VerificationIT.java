package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.workload.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code holdfast verify}: each workload and each fault at least once. */
class VerificationIT {
    private static final int GRANTS_BETWEEN = 40;

    /** What any machine can do. */
    private static final int FLOOR = 8;

    private static final Map<Kind, List<String>> FAULTS = Map.of(
            Kind.MUTEX, List.of("kill-leader", "pause-leader", "isolate-leader"),
            Kind.SESSIONS, List.of("kill-client", "pause-client"),
            Kind.REENTRANT, List.of("kill-follower", "pause-all", "lose-packets"),
            Kind.SEMAPHORE, List.of("kill-all", "cut-halves"),
            Kind.QUEUE, List.of("pause-follower", "ring", "cut-one-way"),
            Kind.FENCED, List.of("pause-client"));

    @TempDir
    Path folder;

    @Test
    void every_workload_keeps_its_promises_and_every_fault_is_inflicted() throws Exception {
        long seed = System.nanoTime() % 1_000_000;
        List<String> complaints = new ArrayList<>();
        try (Verification verification =
                new Verification(folder, line -> System.out.println("VerificationIT: " + line))) {
            for (Kind kind : Kind.values()) {
                List<Fault> faults = Faults.all().stream()
                        .filter(fault -> FAULTS.getOrDefault(kind, List.of()).contains(fault.name()))
                        .toList();
                int peers = faults.stream().mapToInt(Fault::peersMin).max().orElse(3);
                verification.run(kind, peers, faults, GRANTS_BETWEEN, seed++);
            }
            System.out.println("VerificationIT: " + Report.faultsLine(verification));
            verification.reports().forEach(report -> complaints.addAll(Summary.complaints(report)));

            TreeSet<String> left = new TreeSet<>(new VerifyCommand.FaultNames());
            left.removeAll(verification.exercised());
            left.removeAll(verification.skipped().keySet());
            assertThat(left).as("faults that no workload was under").isEmpty();
            assertThat(verification.exercised()).as("the floor").hasSizeGreaterThanOrEqualTo(FLOOR);
            assertThat(verification.reports())
                    .as("%s", complaints)
                    .hasSizeGreaterThanOrEqualTo(5)
                    .allMatch(TrialReport::passed);
        }
    }
}
