package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.access.AuditEntry;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import dev.holdfast.server.shell.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists who did what concerns others. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description =
                "Lists who took locks by force, ended the sessions of others, and changed rules and members, and from where: oldest"
                        + " first, as far as the clocks of the members agree. Each Raft group keeps its last 1000 records, and survives"
                        + " the member that took them.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "2:wrong usage", "69:no leader answered", "77:you are not allowed to"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast audit --since 24h",
            "  holdfast audit | grep members-",
            "  holdfast audit --json | jq -c 'select(.action == \"force-release\")'"
        })
public final class AuditCommand extends ShellCommand {
    @Option(
            names = "--since",
            converter = Durations.class,
            paramLabel = "TIME",
            description = "Only what was done so long ago at most, such as 30s, 5m, 24h.")
    private @Nullable Duration since;

    @Option(names = "--json", description = "Print one line of JSON for each.")
    private boolean json;

    /** As printed with {@code --json}. {@code at} is {@code null} if it is not known. */
    private record Line(
            @Nullable Instant at,
            String principal,
            String address,
            String action,
            String target,
            String detail,
            int group,
            long number) {}

    @Override
    protected int run(ClusterOptions cluster) {
        Instant from = since == null ? Instant.MIN : Instant.now().minus(since);
        List<AuditEntry> entries = new ArrayList<>();
        try (HoldfastClient client = cluster.connect("holdfast audit");
                var audit = client.audit()) {
            audit.filter(entry -> !entry.at().orElse(Instant.MAX).isBefore(from))
                    .forEach(entries::add);
        }
        print(entries);
        return ExitCode.DONE;
    }

    private void print(List<AuditEntry> entries) {
        if (json) {
            entries.forEach(entry -> out().println(json(entry)));
        } else if (entries.isEmpty()) {
            out().println("Nothing has been recorded.");
        } else {
            table(entries).print(out());
        }
    }

    static String json(AuditEntry entry) {
        return Json.write(new Line(
                entry.atOrNull(),
                entry.principal(),
                entry.address(),
                entry.action(),
                entry.target(),
                entry.detail(),
                entry.group(),
                entry.number()));
    }

    static Table table(List<AuditEntry> entries) {
        Table table = new Table("TIME", "WHO", "FROM", "ACTION", "TARGET", "WHAT BECAME OF IT");
        for (AuditEntry entry : entries) {
            table.row(
                    entry.at()
                            .map(at -> at.truncatedTo(ChronoUnit.SECONDS).toString())
                            .orElse("-"),
                    orDash(entry.principal()),
                    orDash(entry.address()),
                    entry.action(),
                    entry.target(),
                    entry.detail());
        }
        return table;
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
