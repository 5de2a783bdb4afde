package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.ChangeInfo;
import dev.holdfast.client.info.HoldInfo.SessionInfo;
import dev.holdfast.client.info.LockableHistory;
import dev.holdfast.client.info.LockableKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import dev.holdfast.server.shell.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists what happened to something of late. */
@Command(
        name = "history",
        mixinStandardHelpOptions = true,
        description =
                "Lists what happened of late to a lock or a semaphore, oldest first: grants, waits, releases and losses, as far"
                        + " as the leader remembers them. Who took it by force is in the audit.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "2:wrong usage", "69:no leader answered", "77:you are not allowed to"},
        footerHeading = "%nExamples:%n",
        footer = {"  holdfast history app:order:42", "  holdfast history app:order:42 --limit 10 --json"})
public final class HistoryCommand extends ShellCommand {
    private static final int LIMIT_MAX = 500;

    @Parameters(paramLabel = "KEY", description = "The key of the lockable.")
    private String key = "";

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Only the newest, so many of a lock and of a semaphore: 1 to 500, 50 if not given.")
    private int limit;

    @Option(names = "--json", description = "Print one line of JSON for each.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** As printed with {@code --json}. */
    private record Line(
            LockableKind kind,
            Instant at,
            String what,
            String owner,
            long token,
            int count,
            @Nullable Duration lasted,
            @Nullable SessionInfo session) {}

    @Override
    protected int run(ClusterOptions cluster) {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new ParameterException(spec.commandLine(), "--limit should be 1 to " + LIMIT_MAX);
        }
        Lockable lockable = new Lockable("KEY", key);
        LockableHistory ofLock;
        LockableHistory ofSemaphore;
        try (HoldfastClient client = cluster.connect("holdfast history")) {
            ofLock = client.createLock().withRequestTimeout(cluster.timeLeft()).history(lockable);
            // The number of permits does not matter for a look.
            ofSemaphore = client.createSemaphore(Limits.PERMITS_MAX)
                    .withRequestTimeout(cluster.timeLeft())
                    .history(lockable);
        }
        print(LockableKind.MUTEX, ofLock);
        print(LockableKind.SEMAPHORE, ofSemaphore);
        if (!json) {
            if (ofLock.changes().isEmpty() && ofSemaphore.changes().isEmpty()) {
                out().println("Nothing that happened to '" + key + "' is remembered.");
            }
            // What is known of one is known of the other.
            out().println(known(ofLock.knownSinceOrNull()));
        }
        return ExitCode.DONE;
    }

    /** Oldest first. */
    private List<ChangeInfo> shown(LockableHistory history) {
        return history.changes().stream()
                .limit(limit)
                .sorted(Comparator.comparingLong(ChangeInfo::number))
                .toList();
    }

    private void print(LockableKind kind, LockableHistory history) {
        List<ChangeInfo> changes = shown(history);
        if (json) {
            changes.forEach(change -> out().println(Json.write(line(kind, change))));
        } else if (!changes.isEmpty()) {
            boolean isLock = kind == LockableKind.MUTEX;
            out().println((isLock ? "Lock '" : "Semaphore '") + key + "':");
            if (history.more() || history.changes().size() > changes.size()) {
                out().println("(older changes are remembered, too: --limit)");
            }
            table(isLock, changes).print(out());
        }
    }

    private static String known(@Nullable Instant since) {
        return since == null
                ? "All is remembered since the cluster began."
                : "All is remembered since " + since.truncatedTo(ChronoUnit.SECONDS) + ", "
                        + Durations.format(Duration.between(since, Instant.now())) + " ago.";
    }

    private static Table table(boolean isLock, List<ChangeInfo> changes) {
        Table table = new Table("TIME", "WHAT", "OWNER", "TOKEN", "CLIENT");
        for (ChangeInfo change : changes) {
            table.row(
                    change.at().truncatedTo(ChronoUnit.MILLIS).toString(),
                    what(isLock, change),
                    change.owner().toString(),
                    change.token() == 0 ? "-" : String.valueOf(change.token()),
                    change.session()
                            .map(session -> "'" + session.name() + "' on " + session.host() + " (" + session.id() + ")")
                            .orElse("-"));
        }
        return table;
    }

    /** In words. */
    private static String what(boolean isLock, ChangeInfo change) {
        String permits = change.count() + (change.count() == 1 ? " permit" : " permits");
        String lasted = change.lasted().map(Durations::format).orElse("");
        String after = lasted.isEmpty() ? "" : " after " + lasted;
        String left = isLock ? ", count " + change.count() + " left" : ", " + permits + " left";
        return switch (change.kind()) {
            case GRANTED -> "granted" + (isLock ? "" : " " + permits) + waited(lasted);
            case GRANTED_AGAIN ->
                "granted again, " + (isLock ? "count " + change.count() : permits + " in all") + waited(lasted);
            case QUEUED -> "began to wait" + (isLock ? "" : " for " + permits);
            case WAIT_TIMED_OUT -> "waited in vain for " + lasted;
            case WAIT_CANCELLED -> "gave up waiting" + after;
            case WAIT_ENDED_WITH_SESSION -> "session ended while it waited" + after;
            case RELEASED -> "released" + (change.count() == 0 ? after : left);
            case EXPIRED -> "expired" + after;
            case FORCE_RELEASED -> "taken by force" + after;
            case ENDED_WITH_SESSION -> "ended with its session" + (change.count() == 0 ? after : left);
        };
    }

    private static String waited(String lasted) {
        return lasted.isEmpty() ? "" : " after a wait of " + lasted;
    }

    private static Line line(LockableKind kind, ChangeInfo change) {
        return new Line(
                kind,
                change.at(),
                change.kind().name(),
                change.owner().toString(),
                change.token(),
                change.count(),
                change.lastedOrNull(),
                change.sessionOrNull());
    }
}
