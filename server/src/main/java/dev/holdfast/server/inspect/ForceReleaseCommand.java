package dev.holdfast.server.inspect;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.info.LockableKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.ShellCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a lock, or a semaphore's permits, from whoever holds them. */
@Command(
        name = "force-release",
        mixinStandardHelpOptions = true,
        description =
                "Takes a lock, or all permits of a semaphore, from whoever holds them. The holder is told if possible,"
                        + " but may carry on for a moment: only fencing tokens stop its writes.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is free now",
            "1:you answered no",
            "2:wrong usage, or no terminal to ask and no --yes",
            "69:no leader answered",
            "77:you are not allowed to"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  holdfast force-release app:order:42", "  holdfast force-release app:order:42 --yes --json"})
public final class ForceReleaseCommand extends ShellCommand {
    @Parameters(paramLabel = "KEY", description = "The key of the lockable.")
    private String key = "";

    @Option(names = "--yes", description = "Do not ask for confirmation.")
    private boolean yes;

    @Option(names = "--json", description = "Print one line of JSON: the key, and from how many owners it was taken.")
    private boolean json;

    @Override
    protected int run(ClusterOptions cluster) throws IOException {
        Lockable lockable = new Lockable("KEY", key);
        try (HoldfastClient client = cluster.connect("holdfast force-release")) {
            List<LockableInfo> held = Lookup.find(client, lockable, cluster).stream()
                    .filter(info -> !info.holds().isEmpty())
                    .toList();
            if (!held.isEmpty() && !yes) {
                OptionalInt exitCode = exitUnlessConfirmed(
                        "'" + key + "' is held by " + Lookup.owners(held) + ". Take it?", "take '" + key + "'");
                if (exitCode.isPresent()) {
                    return exitCode.getAsInt();
                }
                cluster.restartTime();
            }
            int taken = 0;
            for (LockableInfo info : held) {
                taken += take(client, lockable, info.kind(), cluster.timeLeft());
            }
            report(taken, held);
        }
        return ExitCode.DONE;
    }

    private static int take(HoldfastClient client, Lockable lockable, LockableKind kind, Duration timeLeft) {
        return kind == LockableKind.MUTEX
                ? client.createLock().withRequestTimeout(timeLeft).forceRelease(lockable) ? 1 : 0
                : client.createSemaphore(Limits.PERMITS_MAX)
                        .withRequestTimeout(timeLeft)
                        .forceRelease(lockable);
    }

    private void report(int taken, List<LockableInfo> held) {
        if (json) {
            out().println(Json.write(Map.of("key", key, "taken", taken)));
        } else if (taken == 0) {
            out().println("'" + key + "' is free.");
        } else {
            out().println("'" + key + "' was taken from " + Lookup.owners(held) + ".");
        }
    }
}
