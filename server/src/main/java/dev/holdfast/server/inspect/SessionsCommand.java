package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import dev.holdfast.server.shell.Table;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the sessions of client processes. */
@Command(
        name = "sessions",
        mixinStandardHelpOptions = true,
        description = {
            "Lists the open sessions: one for each client that has sent a request. PRINCIPAL is who it has proved to be, FROM the"
                    + " address that it came from; - where that is not known.",
            "Whoever is not an admin sees its own."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast sessions",
            "  holdfast sessions --idle 1h     (hold nothing and wait for nothing)",
            "  holdfast sessions --json | jq -s length"
        })
public final class SessionsCommand extends ShellCommand {
    @Option(
            names = "--idle",
            converter = Durations.class,
            paramLabel = "TIME",
            description =
                    "Only those that have been open for at least this long, such as 30s, 5m, 2h, and now hold nothing and"
                            + " wait for nothing.")
    private @Nullable Duration idle;

    @Option(names = "--json", description = "Print one line of JSON for each.")
    private boolean json;

    @Override
    protected int run(ClusterOptions cluster) {
        Table table =
                new Table("SESSION", "HOST", "NAME", "PRINCIPAL", "FROM", "OPEN FOR", "LEASE", "HOLDS", "WAITERS");
        try (HoldfastClient client = cluster.connect("holdfast sessions");
                var sessions = client.sessions()) {
            sessions.filter(this::isWanted).forEach(session -> {
                if (json) {
                    out().println(Json.write(session));
                } else {
                    table.row(
                            session.id(),
                            session.host(),
                            session.name(),
                            session.principal().isEmpty() ? "-" : session.principal(),
                            session.address().isEmpty() ? "-" : session.address(),
                            Durations.format(Duration.between(session.since(), Instant.now())),
                            Durations.format(session.lease()),
                            String.valueOf(session.holds()),
                            String.valueOf(session.waiters()));
                }
            });
        }
        if (!json) {
            table.print(out());
        }
        return ExitCode.DONE;
    }

    private boolean isWanted(ClientSessionInfo session) {
        return idle == null
                || (session.holds() == 0
                        && session.waiters() == 0
                        && Duration.between(session.since(), Instant.now()).compareTo(idle) >= 0);
    }
}
