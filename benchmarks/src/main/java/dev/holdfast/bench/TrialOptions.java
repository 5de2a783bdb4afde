package dev.holdfast.bench;

import dev.holdfast.bench.trial.HolderKilled;
import dev.holdfast.bench.trial.Idle;
import dev.holdfast.bench.trial.IdleSessions;
import dev.holdfast.bench.trial.LeaderKilled;
import dev.holdfast.bench.trial.Trial;
import dev.holdfast.protocol.Limits;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the command line may say of trials. */
final class TrialOptions {
    static final List<String> NAMES = List.of("leader-killed", "holder-killed", "idle", "sessions");

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

    @Option(names = "--sessions", defaultValue = "10000", description = "How many are idle. Default: ${DEFAULT-VALUE}.")
    private int sessions;

    @Option(
            names = "--connections",
            defaultValue = "100",
            description = "How many connections they share. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--idle-seconds",
            defaultValue = "20",
            description = "For how long 'idle' and 'sessions' watch. Default: ${DEFAULT-VALUE}.")
    private int idleSeconds;

    /** What is wrong with them; {@code null} if nothing is. */
    @Nullable
    String complaint() {
        for (int lease : leasesMs) {
            if (lease < Limits.SESSION_LEASE_MS_MIN || lease > Limits.SESSION_LEASE_MS_MAX) {
                return "--leases must be from " + Limits.SESSION_LEASE_MS_MIN + " to " + Limits.SESSION_LEASE_MS_MAX
                        + " ms, not " + lease;
            }
        }
        if (kills < 1 || holderKills < 1 || idleSeconds < 1) {
            return "kills and idle seconds must be positive";
        }
        if (sessions < 1 || connections < 1 || sessions > Limits.SESSIONS_MAX) {
            return "--sessions must be from 1 to " + Limits.SESSIONS_MAX + ", --connections positive";
        }
        return null;
    }

    /** The trial of that name. */
    Trial trial(String name, BenchOptions load, Consumer<String> progress) {
        return switch (name) {
            case "leader-killed" -> new LeaderKilled(kills, load.windowSeconds, progress);
            case "holder-killed" -> new HolderKilled(leasesMs, holderKills, progress);
            case "idle" -> new Idle(idleSeconds);
            case "sessions" -> new IdleSessions(sessions, connections, idleSeconds, progress);
            default -> throw new IllegalArgumentException(name);
        };
    }
}
