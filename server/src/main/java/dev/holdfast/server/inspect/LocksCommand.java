package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.Owners;
import dev.holdfast.server.shell.ShellCommand;
import dev.holdfast.server.shell.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists locks and semaphores that are held or waited for. */
@Command(
        name = "locks",
        mixinStandardHelpOptions = true,
        description = "Lists the locks and semaphores that are held or waited for, ordered by key.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast locks",
            "  holdfast locks --prefix app:order:",
            "  holdfast locks --owner job:nightly",
            "  holdfast locks --json | jq -r .key     (one line of JSON for each)"
        })
public final class LocksCommand extends ShellCommand {
    @Option(names = "--prefix", defaultValue = "", paramLabel = "P", description = "Only keys with this prefix.")
    private String prefix = "";

    @Option(
            names = "--owner",
            converter = Owners.class,
            paramLabel = "TYPE:ID",
            description = "Only what this owner holds or waits for. Looks at the first 10 waiters of each.")
    private @Nullable LockOwner owner;

    @Option(names = "--json", description = "Print one line of JSON for each.")
    private boolean json;

    @Override
    protected int run(ClusterOptions cluster) {
        try (HoldfastClient client = cluster.connect("holdfast locks");
                var lockables = client.list(prefix)) {
            if (json) {
                lockables.filter(this::isWanted).forEach(info -> out().println(Json.write(info)));
            } else {
                print(lockables.filter(this::isWanted).toList());
            }
        }
        return ExitCode.DONE;
    }

    private boolean isWanted(LockableInfo info) {
        LockOwner wanted = owner;
        return wanted == null
                || info.holds().stream().anyMatch(hold -> hold.owner().equals(wanted))
                || info.waiters().stream().anyMatch(waiter -> waiter.owner().equals(wanted));
    }

    private void print(List<LockableInfo> all) {
        if (all.isEmpty()) {
            out().println("Nothing is held.");
            return;
        }
        Table table = new Table("KEY", "KIND", "OWNER", "TOKEN", "COUNT", "SINCE", "LEASE", "WAITERS");
        for (LockableInfo info : all) {
            String kind = info.kind().name().toLowerCase(Locale.ROOT);
            String waiters = String.valueOf(info.waiterCount());
            if (info.holds().isEmpty()) {
                table.row(info.key(), kind, "-", "-", "-", "-", "-", waiters);
            }
            for (HoldInfo hold : info.holds()) {
                table.row(
                        info.key(),
                        kind,
                        hold.owner().toString(),
                        String.valueOf(hold.token()),
                        String.valueOf(hold.count()),
                        Durations.format(Duration.between(hold.since(), Instant.now())) + " ago",
                        lease(hold),
                        waiters);
            }
        }
        table.print(out());
    }

    static String lease(HoldInfo hold) {
        return hold.leaseLeft()
                .map(left -> "TTL, " + Durations.format(left) + " left")
                .orElse(hold.lease().name());
    }
}
