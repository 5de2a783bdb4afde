package dev.holdfast.bench;

import dev.holdfast.bench.trial.Busy;
import dev.holdfast.bench.trial.Cold;
import dev.holdfast.bench.trial.Embedded;
import dev.holdfast.bench.trial.Growth;
import dev.holdfast.bench.trial.HolderKilled;
import dev.holdfast.bench.trial.Idle;
import dev.holdfast.bench.trial.IdleSessions;
import dev.holdfast.bench.trial.LeaderKilled;
import dev.holdfast.bench.trial.Paced;
import dev.holdfast.bench.trial.Restart;
import dev.holdfast.bench.trial.RollingRestart;
import dev.holdfast.bench.trial.Trial;
import dev.holdfast.protocol.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of trials. */
final class TrialOptions {
    /** Those of which two builds can be compared. */
    static final List<String> COMPARABLE = List.of("cold", "paced", "busy", "embedded");

    static final List<String> NAMES = Stream.concat(
                    COMPARABLE.stream(),
                    Stream.of(
                            "leader-killed",
                            "holder-killed",
                            "idle",
                            "sessions",
                            "growth",
                            "restart",
                            "rolling-restart"))
            .toList();

    private static final int EMBEDDED_CALLERS_MAX = 1000;

    @Option(
            names = "--cold-seconds",
            defaultValue = "20",
            description =
                    "For how long 'cold' watches the start, in windows of 5 s; then it warms up. Default: ${DEFAULT-VALUE}.")
    private int coldSeconds;

    @Option(
            names = "--paced-seconds",
            defaultValue = "60",
            description = "For how long 'paced' runs, in windows of 10 s. Default: ${DEFAULT-VALUE}.")
    private int pacedSeconds;

    @Option(
            names = "--embedded-callers",
            split = ",",
            defaultValue = "64,16,1",
            description = "How many callers with a key each 'embedded' has in each process; 8 for one key follow. "
                    + "Default: ${DEFAULT-VALUE}.")
    private List<Integer> embeddedCallers = List.of();

    @Option(
            names = "--kills",
            defaultValue = "10",
            description = "How often the leader is killed. Default: ${DEFAULT-VALUE}.")
    private int kills;

    @Option(
            names = "--holder-kills",
            defaultValue = "5",
            description = "How often a holder of each lease is killed. Default: ${DEFAULT-VALUE}.")
    private int holderKills;

    @Option(
            names = "--leases",
            split = ",",
            defaultValue = "8000,1000",
            paramLabel = "MS",
            description = "Session leases of the holders that are killed. Default: ${DEFAULT-VALUE}.")
    private List<Integer> leasesMs = List.of();

    @Option(
            names = "--sessions",
            defaultValue = "10000",
            description = "How many sessions are idle. Default: ${DEFAULT-VALUE}.")
    private int sessions;

    @Option(
            names = "--connections",
            defaultValue = "100",
            description = "How many connections the idle sessions share. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--idle-seconds",
            defaultValue = "20",
            description =
                    "For how long 'idle' and 'sessions' watch, first at once and again after 9 times as long. Default: ${DEFAULT-VALUE}.")
    private int idleSeconds;

    @Option(
            names = "--growth-holds",
            defaultValue = "1000000",
            description = "The most holds for 'growth', after steps of 1000 and 100000. Default: ${DEFAULT-VALUE}.")
    private int growthHolds;

    @Option(
            names = "--growth-waiters",
            defaultValue = "10000",
            description = "The most waiters for 'growth', after steps of 1 and 100. Default: ${DEFAULT-VALUE}.")
    private int growthWaiters;

    @Option(
            names = "--restart-holds",
            defaultValue = "1000000",
            description = "How many holds for 'restart'. Default: ${DEFAULT-VALUE}.")
    private int restartHolds;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "How often each peer is restarted for 'rolling-restart'. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    /** What is wrong with them; {@code null} if nothing is. */
    @Nullable
    String complaint() {
        for (int lease : leasesMs) {
            if (lease < Limits.SESSION_LEASE_MS_MIN || lease > Limits.SESSION_LEASE_MS_MAX) {
                return "--leases must be from " + Limits.SESSION_LEASE_MS_MIN + " to " + Limits.SESSION_LEASE_MS_MAX
                        + " ms, not " + lease;
            }
        }
        if (coldSeconds < 1 || pacedSeconds < 1) {
            return "--cold-seconds and --paced-seconds must be positive";
        }
        for (int count : embeddedCallers) {
            if (count < 1 || count > EMBEDDED_CALLERS_MAX) {
                return "--embedded-callers must be from 1 to " + EMBEDDED_CALLERS_MAX + ", not " + count;
            }
        }
        if (kills < 1 || holderKills < 1 || idleSeconds < 1 || rounds < 1) {
            return "--kills, --holder-kills, --idle-seconds and --rounds must be positive";
        }
        if (sessions < 1 || connections < 1 || sessions > Limits.SESSIONS_MAX) {
            return "--sessions must be from 1 to " + Limits.SESSIONS_MAX + ", and --connections positive";
        }
        if (growthHolds < 1 || restartHolds < 1 || Math.max(growthHolds, restartHolds) > Limits.HOLDS_PER_SESSION_MAX) {
            return "--growth-holds and --restart-holds must be from 1 to " + Limits.HOLDS_PER_SESSION_MAX;
        }
        if (growthWaiters < 1 || growthWaiters >= Limits.WAITERS_PER_LOCKABLE_MAX) {
            return "--growth-waiters must be from 1 to " + (Limits.WAITERS_PER_LOCKABLE_MAX - 1);
        }
        return null;
    }

    /** Those that apply to these workloads, for a measurement in another process. */
    List<String> forChild(List<String> workloads) {
        List<String> arguments = new ArrayList<>();
        if (workloads.contains("cold")) {
            arguments.addAll(List.of("--cold-seconds", "" + coldSeconds));
        }
        if (workloads.contains("paced")) {
            arguments.addAll(List.of("--paced-seconds", "" + pacedSeconds));
        }
        if (workloads.contains("embedded")) {
            arguments.addAll(List.of(
                    "--embedded-callers",
                    embeddedCallers.stream().map(String::valueOf).collect(Collectors.joining(","))));
        }
        return arguments;
    }

    /** The trial of that name. */
    Trial trial(String name, BenchOptions load, Consumer<String> progress) {
        return switch (name) {
            case "cold" -> new Cold(coldSeconds, load.schedule(), progress);
            case "paced" -> new Paced(pacedSeconds, progress);
            case "busy" -> new Busy(load.schedule(), progress);
            case "embedded" -> new Embedded(embeddedCallers, load.schedule(), progress);
            case "leader-killed" -> new LeaderKilled(kills, load.windowSeconds, progress);
            case "holder-killed" -> new HolderKilled(leasesMs, holderKills, progress);
            case "idle" -> new Idle(idleSeconds);
            case "sessions" -> new IdleSessions(sessions, connections, idleSeconds, progress);
            case "growth" ->
                new Growth(growthHolds, growthWaiters, load.warmUpSeconds, load.windowSeconds, load.windows, progress);
            case "restart" -> new Restart(restartHolds, progress);
            case "rolling-restart" -> new RollingRestart(rounds, progress);
            default -> throw new IllegalArgumentException(name);
        };
    }
}
