package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.Durations;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import dev.holdfast.server.shell.Table;
import java.time.Duration;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the sessions of client processes. */
@Command(
        name = "sessions",
        mixinStandardHelpOptions = true,
        description = "Lists the open sessions: one for each client that has sent a request.",
        footerHeading = "%nExamples:%n",
        footer = {"  holdfast sessions", "  holdfast sessions --json | jq -s length"})
public final class SessionsCommand extends ShellCommand {
    @Option(names = "--json", description = "Print one line of JSON for each.")
    private boolean json;

    @Override
    protected int run(ClusterOptions cluster) {
        Table table = new Table("SESSION", "HOST", "NAME", "OPEN FOR", "LEASE", "HOLDS", "WAITERS");
        try (HoldfastClient client = cluster.connect("holdfast sessions");
                var sessions = client.sessions()) {
            sessions.forEach(session -> {
                if (json) {
                    out().println(Json.write(session));
                } else {
                    table.row(
                            session.id(),
                            session.host(),
                            session.name(),
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
}
