package dev.holdfast.jepsen.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.cluster.Release;
import dev.holdfast.jepsen.workload.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The short form of {@code holdfast verify}: each workload and each fault at least once, in parts. */
final class ShortForm {
    static final int GRANTS_BETWEEN = 40;

    static final Map<Kind, List<String>> LOCKS = Map.of(
            Kind.MUTEX, List.of("kill-leader", "pause-leader", "isolate-leader", "lose-sent-snapshot", "clock-forward"),
            Kind.SESSIONS, List.of("kill-client", "pause-client"),
            Kind.FENCED, List.of("pause-client", "clock-back"));

    static final Map<Kind, List<String>> COUNTS_AND_QUEUES = Map.of(
            Kind.REENTRANT, List.of("outlive-log", "kill-follower", "pause-all", "lose-packets", "slow-syncs"),
            Kind.SEMAPHORE, List.of("outlive-log", "kill-all", "cut-halves", "lose-power", "kill-mid-sync"),
            Kind.QUEUE, List.of("pause-follower", "ring", "cut-one-way", "fail-syncs"));

    static final Map<Kind, List<String>> DAMAGE = Map.of(
            Kind.MUTEX, List.of("heap", "full-at-start"),
            Kind.SEMAPHORE, List.of("corrupt-segment"));

    static final Map<Kind, List<String>> LOAD =
            Map.of(Kind.MUTEX, List.of("readers"), Kind.QUEUE, List.of("mass-expiry"));

    static final Map<Kind, List<String>> MEMBERS = Map.of(
            Kind.MUTEX, List.of("wipe-disk", "rolling-restart", "move-address", "add-remove", "restore-backup"),
            Kind.SEMAPHORE, List.of("replace-member", "wipe-disk", "add-remove"),
            Kind.QUEUE, List.of("rolling-upgrade"),
            Kind.FENCED, List.of("restore-backup", "move-partitioned"));

    /** What the upgrade begins with. */
    private static final Path OLD_LIB = Path.of("src", "test", "resources", "recorded", "0.1", "lib");

    /** Those whose locks are spread over several groups; the others have one. */
    private static final Map<Kind, Integer> GROUPS = Map.of(Kind.SESSIONS, 2, Kind.SEMAPHORE, 3);

    /** Runs the trials with seeds of their own, which are printed. */
    static void check(Map<Kind, List<String>> part, int floor, Path folder, String title) throws Exception {
        check(part, floor, System.nanoTime() % 1_000_000, folder, title);
    }

    /** Runs the trials; fails if one does not pass, or if fewer than {@code floor} faults were inflicted. */
    static void check(Map<Kind, List<String>> part, int floor, long firstSeed, Path folder, String title)
            throws Exception {
        long seed = firstSeed;
        List<String> complaints = new ArrayList<>();
        TreeSet<String> left = new TreeSet<>();
        try (Verification verification = new Verification(folder, line -> System.out.println(title + ": " + line))) {
            for (Map.Entry<Kind, List<String>> entry : new EnumMap<>(part).entrySet()) {
                left.addAll(entry.getValue());
                Fault upgrade = UpgradeFault.from(Release.in(OLD_LIB));
                List<Fault> faults = Faults.all().stream()
                        .filter(fault -> entry.getValue().contains(fault.name()))
                        .map(fault -> fault.name().equals(UpgradeFault.NAME) ? upgrade : fault)
                        .toList();
                int peers = faults.stream().mapToInt(Fault::peersMin).max().orElse(3);
                verification.run(
                        entry.getKey(), peers, GROUPS.getOrDefault(entry.getKey(), 1), faults, GRANTS_BETWEEN, seed++);
            }
            System.out.println(title + ": " + Report.faultsLine(verification));
            List<String> evidence = new ArrayList<>();
            verification.reports().forEach(report -> {
                complaints.addAll(Summary.complaints(report));
                evidence.addAll(Summary.evidence(report));
            });

            left.removeAll(verification.exercised());
            left.removeAll(verification.skipped().keySet());
            assertThat(complaints).as("%s", String.join("\n", evidence)).isEmpty();
            assertThat(verification.reports()).isNotEmpty().allMatch(TrialReport::passed);
            assertThat(left)
                    .as("faults that were neither inflicted nor skipped")
                    .isEmpty();
            assertThat(verification.exercised()).as("faults inflicted").hasSizeGreaterThanOrEqualTo(floor);
        }
    }

    private ShortForm() {}
}
