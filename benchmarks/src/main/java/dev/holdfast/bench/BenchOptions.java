package dev.holdfast.bench;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.trial.Schedule;
import dev.holdfast.protocol.KeyGroups;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of the command. */
final class BenchOptions {
    private static final List<String> LOADS = List.of("own", "one", "semaphore", "holds");

    @Option(
            names = "--where",
            split = ",",
            defaultValue = "thin,leader",
            paramLabel = "PLACE",
            description = "Where the callers are: thin, leader, follower (three processes), jvm (all in one). "
                    + "Default: ${DEFAULT-VALUE}.")
    List<Place> places = List.of();

    @Option(
            names = "--workloads",
            split = ",",
            defaultValue = "own,one,semaphore,holds",
            description = "own (each caller its key), one (16 callers, one key), semaphore (64 callers, 8 permits), "
                    + "holds (locks acquired and kept; thin only). Default: ${DEFAULT-VALUE}. Only if named, only thin, and "
                    + "each on a cluster of its own: "
                    + "cold (one caller flat out from the start of all processes; 1 min), "
                    + "paced (one caller, 10 pairs a second from the start; 1 min), "
                    + "busy (one caller while other processes take every processor; 1 min), "
                    + "embedded (callers in each of the three peers' processes; 1.5 min), "
                    + "leader-killed (the leader is killed and restarted; 1.5 min), "
                    + "holder-killed (a process that holds a lock is killed; 1.5 min), "
                    + "idle (nothing happens; 4 min), "
                    + "sessions (many idle clients; 5 min), "
                    + "growth (pairs beside more and more holds, hand-overs to more and more waiters; 4 min), "
                    + "restart (a peer with many holds is restarted; 2 min), "
                    + "rolling-restart (one peer after the other is stopped in order and restarted; 1.5 min).")
    List<String> workloads = List.of();

    @Option(
            names = "--callers",
            split = ",",
            defaultValue = "1,16,64,256",
            description = "How many callers for 'own'. Default: ${DEFAULT-VALUE}.")
    List<Integer> callers = List.of();

    @Option(
            names = "--groups",
            defaultValue = "1",
            description = "Over how many Raft groups the cluster's locks are spread. Default: ${DEFAULT-VALUE}.")
    int groups;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description =
                    "Pairs per second that all callers together begin; times then count from when a pair was due. "
                            + "0: as many as possible. Default: ${DEFAULT-VALUE}.")
    int rate;

    @Option(
            names = "--holds",
            defaultValue = "100000",
            description = "How many locks 'holds' keeps. Default: ${DEFAULT-VALUE}.")
    int holds;

    @Option(
            names = "--seconds",
            defaultValue = "5",
            description =
                    "Length of a window, and time between two kills of the leader; each figure is the median over the "
                            + "windows. Default: ${DEFAULT-VALUE}.")
    int windowSeconds;

    @Option(names = "--windows", defaultValue = "3", description = "How many windows. Default: ${DEFAULT-VALUE}.")
    int windows;

    @Option(
            names = "--warm-up",
            defaultValue = "3",
            description = "Seconds before the first window of each workload. Default: ${DEFAULT-VALUE}.")
    int warmUpSeconds;

    @Option(
            names = "--prewarm",
            defaultValue = "15",
            description = "Seconds of load before the first workload. Default: ${DEFAULT-VALUE}.")
    int prewarmSeconds;

    @Option(
            names = "--micro",
            description = "Measures single parts without a cluster: the state machine, the codecs, snapshots.")
    boolean micro;

    @Mixin
    TrialOptions trials = new TrialOptions();

    @Option(names = "--tls", description = "Also measures each on a cluster over mutual TLS, for the price of it.")
    boolean tls;

    @Option(names = "--json", description = "Prints JSON instead of a table.")
    boolean json;

    @Option(
            names = "--against",
            paramLabel = "CHECKOUT",
            description =
                    "A checkout of another version. Measures both in turn, each with its own bench, and prints the ratios.")
    @Nullable
    Path against;

    @Option(
            names = "--report",
            paramLabel = "FOLDER",
            description = "An empty or new folder for the report, report.html and report.json. Default: "
                    + "holdfast-bench-TIME here; none with --json.")
    @Nullable
    Path report;

    @Option(
            names = "--beside",
            split = ",",
            paramLabel = "FILE",
            description =
                    "What was measured of other products, for the report: the JSON file of a comparison, with the date of it. "
                            + "Default: what docs/performance.md has.")
    List<Path> beside = List.of();

    /** What is wrong with them; {@code null} if nothing is. */
    @Nullable
    String complaint() {
        for (String workload : workloads) {
            if (!LOADS.contains(workload) && !TrialOptions.NAMES.contains(workload)) {
                return "unknown workload '" + workload + "'; there are " + String.join(", ", LOADS) + ", "
                        + String.join(", ", TrialOptions.NAMES);
            }
        }
        if (tls && (against != null || !trialNames().isEmpty())) {
            return "--tls compares " + String.join(", ", LOADS)
                    + " with and without TLS; it goes neither with --against nor" + " with others";
        }
        if (against != null && !TrialOptions.COMPARABLE.containsAll(trialNames())) {
            return "--against compares " + String.join(", ", LOADS) + ", " + String.join(", ", TrialOptions.COMPARABLE)
                    + ", not "
                    + trialNames().stream()
                            .filter(name -> !TrialOptions.COMPARABLE.contains(name))
                            .collect(Collectors.joining(", "));
        }
        if (!trialNames().isEmpty() && !places.contains(Place.THIN)) {
            return String.join(", ", trialNames()) + " requires --where thin";
        }
        if (groups < 1 || groups > KeyGroups.MAX) {
            return "--groups must be from 1 to " + KeyGroups.MAX + ", not " + groups;
        }
        for (int count : callers) {
            if (count < 1 || count > 10_000) {
                return "--callers must be from 1 to 10000, not " + count;
            }
        }
        if (windowSeconds < 1 || windows < 1 || warmUpSeconds < 0 || prewarmSeconds < 0 || rate < 0 || holds < 1) {
            return "--seconds, --windows and --holds must be positive; --warm-up, --prewarm and --rate must not be negative";
        }
        return trials.complaint();
    }

    /** The workloads that put load on a cluster that all of them share. */
    List<String> loads() {
        return workloads.stream().filter(LOADS::contains).toList();
    }

    /** The workloads that are measured on a cluster of their own each. */
    List<String> trialNames() {
        return workloads.stream().filter(TrialOptions.NAMES::contains).toList();
    }

    /** Those that are measured with callers there. */
    List<String> workloadsAt(Place place) {
        return place == Place.THIN ? workloads : loads();
    }

    /** How long trials warm up and measure. */
    Schedule schedule() {
        return new Schedule(prewarmSeconds, warmUpSeconds, windowSeconds, windows);
    }

    /** The same options, for a measurement in another process. */
    List<String> forChild(Place place) {
        List<String> arguments = new ArrayList<>(List.of("--json", "--where", lower(place)));
        arguments.addAll(List.of("--workloads", String.join(",", workloadsAt(place))));
        arguments.addAll(
                List.of("--callers", callers.stream().map(String::valueOf).collect(Collectors.joining(","))));
        arguments.addAll(trials.forChild(workloadsAt(place)));
        arguments.addAll(List.of("--rate", "" + rate, "--holds", "" + holds, "--seconds", "" + windowSeconds));
        arguments.addAll(List.of("--windows", "" + windows, "--warm-up", "" + warmUpSeconds));
        arguments.addAll(List.of("--prewarm", "" + prewarmSeconds));
        if (groups > 1) {
            arguments.addAll(List.of("--groups", "" + groups));
        }
        return arguments;
    }

    private static String lower(Place place) {
        return place.name().toLowerCase(Locale.ROOT);
    }
}
