package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.HoldInfo.SessionInfo;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.info.LockableKind;
import dev.holdfast.client.info.WaiterInfo;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Explains in words who holds something, and why others wait. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Explains who holds a lock or the permits of a semaphore, since when and for how long, who waits, and why.",
        footerHeading = "%nExamples:%n",
        footer = {"  holdfast explain app:order:42", "  holdfast explain app:order:42 --json"})
public final class ExplainCommand extends ShellCommand {
    @Parameters(paramLabel = "KEY", description = "The key of the lockable.")
    private String key = "";

    @Option(
            names = "--json",
            description = "Print one line of JSON for each: a lock and a semaphore may have the same key.")
    private boolean json;

    @Override
    protected int run(ClusterOptions cluster) {
        List<LockableInfo> found;
        try (HoldfastClient client = cluster.connect("holdfast explain")) {
            found = Lookup.find(client, new Lockable("KEY", key), cluster);
        }
        if (json) {
            found.forEach(info -> out().println(Json.write(info)));
        } else if (found.isEmpty()) {
            out().println("'" + key + "' is free: nobody holds it, and nobody waits for it.");
        } else {
            found.forEach(info -> explain(info).forEach(out()::println));
        }
        return ExitCode.DONE;
    }

    private static List<String> explain(LockableInfo info) {
        List<String> lines = new ArrayList<>();
        boolean isLock = info.kind() == LockableKind.MUTEX;
        lines.add(
                isLock
                        ? "Lock '" + info.key() + "' is held."
                        : "Semaphore '" + info.key() + "': permits held: " + info.held() + ", by owners: "
                                + info.holds().size() + ".");
        for (HoldInfo hold : info.holds()) {
            lines.add("  " + hold.owner() + (isLock ? "" : " with " + hold.count()) + ", token " + hold.token()
                    + ", for " + Durations.format(Duration.between(hold.since(), Instant.now())) + since(hold));
            lines.add("    " + from(hold.sessions()) + "; " + until(hold));
        }
        int position = 0;
        for (WaiterInfo waiter : info.waiters()) {
            position++;
            lines.add("  waiting, " + position + ". " + waiter.owner()
                    + (isLock ? "" : " for " + waiter.permits()) + " from " + where(waiter.session()) + ", for "
                    + Durations.format(waiter.waited())
                    + waiter.waitLeft()
                            .map(left -> ", and " + Durations.format(left) + " more at most")
                            .orElse(""));
            lines.add("    " + why(info, isLock, position, waiter));
        }
        if (info.waiterCount() > position) {
            lines.add("  and " + (info.waiterCount() - position) + " more behind them");
        }
        return lines;
    }

    private static String since(HoldInfo hold) {
        return " (since " + hold.since().truncatedTo(ChronoUnit.SECONDS) + ")";
    }

    private static String from(List<SessionInfo> sessions) {
        return sessions.isEmpty()
                ? "the process that acquired it is gone"
                : "acquired from "
                        + sessions.stream().map(ExplainCommand::where).collect(Collectors.joining(", "));
    }

    private static String where(SessionInfo session) {
        return "'" + session.name() + "' on host " + session.host() + " (session " + session.id()
                + (session.principal().isEmpty() ? "" : " of '" + session.principal() + "'") + ")";
    }

    private static String until(HoldInfo hold) {
        return switch (hold.lease()) {
            case TTL ->
                "it ends by itself in " + Durations.format(hold.leaseLeft().orElse(Duration.ZERO))
                        + " unless it is extended";
            case SESSION -> "it lives while that session does";
            case UNTIL_RELEASED -> "it lives until its owner releases it, or somebody releases it by force";
        };
    }

    private static String why(LockableInfo info, boolean isLock, int position, WaiterInfo waiter) {
        if (position > 1) {
            return "waits for its turn: the queue is first come, first served, and " + (position - 1)
                    + (position == 2 ? " is" : " are") + " before it";
        }
        if (isLock) {
            HoldInfo hold = info.holds().isEmpty() ? null : info.holds().get(0);
            return hold == null
                    ? "is about to get it"
                    : "is next: it gets the lock when " + hold.owner() + " releases it"
                            + (hold.lease() == LeaseKind.UNTIL_RELEASED ? "" : ", or loses it");
        }
        return "is next: it gets its " + waiter.permits() + " when enough are given back; " + info.held()
                + " are held, and it asked for some of " + waiter.limit();
    }
}
