package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.jepsen.checker.Verdict;
import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.NativeFaults;
import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.invariant.Violation;
import dev.holdfast.jepsen.workload.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control that must fail: otherwise a loss of power proves nothing. */
@Tag("long")
class LyingDisksIT {
    @TempDir
    Path folder;

    @Test
    void disks_that_lie_about_syncs_and_lose_power_are_noticed() throws Exception {
        String unavailable = NativeFaults.unavailableBecause();
        if (unavailable != null) {
            System.out.println("SKIPPED LyingDisksIT: disks that lie: " + unavailable);
            abort(unavailable);
        }
        Fault lying = new Fault(
                "lying-disks",
                3,
                Duration.ZERO,
                ClusterPlan::withNativeFaults,
                Fault.Spared.NOT,
                null,
                target -> {
                    for (Peer peer : target.cluster.peers()) {
                        target.cluster.faults(peer).lieAboutSyncs();
                        target.clients.forget(peer);
                    }
                    target.clients.awaitGrants(ShortForm.GRANTS_BETWEEN, Duration.ofMinutes(5));
                    target.cluster.losePower(target.cluster.peers(), target.random);
                },
                target -> {
                    for (Peer peer : target.cluster.peers()) {
                        target.cluster.faults(peer).clear();
                        target.cluster.start(peer);
                    }
                });
        TrialPlan plan = new TrialPlan(Kind.MUTEX, 3, 1, List.of(lying), ShortForm.GRANTS_BETWEEN, 1);
        TrialReport report = new Trial(plan, "", line -> System.out.println("LyingDisksIT: " + line)).run(folder);
        report.failures().forEach(failure -> System.out.println("LyingDisksIT: " + failure));
        List<String> noticed = Stream.of(
                        report.violations().stream().map(Violation::toString),
                        report.badKeys().stream()
                                .filter(key -> key.verdict() == Verdict.ILLEGAL)
                                .map(key -> key.key() + ": not linearizable"),
                        refusals())
                .flatMap(each -> each)
                .toList();
        System.out.println(
                "LyingDisksIT: disks that lie: " + noticed.stream().findFirst().orElse("nothing was noticed"));
        assertThat(report.passed()).isFalse();
        // Tokens of a key rise nevertheless if it was not granted between the lie and the loss.
        assertThat(noticed).isNotEmpty();
    }

    /** What the peers say that see it themselves: a segment that was closed meanwhile has a hole. Those do not start. */
    private Stream<String> refusals() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path log :
                    files.filter(file -> file.toString().endsWith(".log")).toList()) {
                lines.addAll(Files.readAllLines(log));
            }
        }
        return lines.stream().filter(line -> line.contains("so this peer must not start from what is left"));
    }
}
