package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.info.ClientSessionInfo;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends a client's session. */
@Command(
        name = "close-session",
        mixinStandardHelpOptions = true,
        description =
                "Ends a session, as if its client had been silent for its lease: what it holds is free, and what it waits for is"
                        + " given up. The client is told if possible, but may carry on for a moment: only fencing tokens stop its"
                        + " writes. It opens another session when it next needs one.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it has ended",
            "1:there is no such session, or you answered no",
            "2:wrong usage, or no terminal to ask and no --yes",
            "69:no leader answered",
            "77:you are not allowed to"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast close-session 53b2ba57",
            "  holdfast sessions --idle 1h --json | jq -r .id | xargs -n 1 holdfast close-session --yes"
        })
public final class CloseSessionCommand extends ShellCommand {
    @Parameters(paramLabel = "ID", description = "The session's id, as 'holdfast sessions' shows it.")
    private String id = "";

    @Option(names = "--yes", description = "Do not ask for confirmation.")
    private boolean yes;

    @Option(names = "--json", description = "Print one line of JSON: the id, and whether there was such a session.")
    private boolean json;

    @Override
    protected int run(ClusterOptions cluster) throws IOException {
        try (HoldfastClient client = cluster.connect("holdfast close-session")) {
            Optional<ClientSessionInfo> found = yes ? Optional.empty() : find(client);
            if (found.isPresent()) {
                OptionalInt exitCode = exitUnlessConfirmed(question(found.get()), "end session " + id);
                if (exitCode.isPresent()) {
                    return exitCode.getAsInt();
                }
            }
            boolean ended = client.closeSession(id);
            report(ended);
            return ended ? ExitCode.DONE : ExitCode.FAILED;
        }
    }

    private Optional<ClientSessionInfo> find(HoldfastClient client) {
        try (var sessions = client.sessions()) {
            return sessions.filter(session -> session.id().equals(id)).findFirst();
        }
    }

    private String question(ClientSessionInfo session) {
        return "Session " + id + " of '" + session.name() + "' on host " + session.host() + " has " + session.holds()
                + " holds and " + session.waiters() + " waiters. End it?";
    }

    private void report(boolean ended) {
        if (json) {
            out().println(Json.write(Map.of("id", id, "ended", ended)));
        } else if (ended) {
            out().println("Session " + id + " has ended.");
        } else {
            complain("there is no session " + id);
        }
    }
}
