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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks whoever holds a lock, or a semaphore's permits, to release them. */
@Command(
        name = "request-release",
        mixinStandardHelpOptions = true,
        description =
                "Asks whoever holds a lock, or permits of a semaphore, to release them. The holder's program hears of it if it"
                        + " listens, and decides. 'force-release' takes them without asking.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:somebody was asked",
            "1:there was nobody to ask: it is free, or the process that held it is gone",
            "69:no leader answered",
            "77:you are not allowed to"
        },
        footerHeading = "%nExamples:%n",
        footer = {"  holdfast request-release app:order:42", "  holdfast request-release app:order:42 --json"})
public final class RequestReleaseCommand extends ShellCommand {
    @Parameters(paramLabel = "KEY", description = "The key of the lockable.")
    private String key = "";

    @Option(names = "--json", description = "Print one line of JSON: the key, and how many owners were asked.")
    private boolean json;

    @Override
    protected int run(ClusterOptions cluster) {
        Lockable lockable = new Lockable("KEY", key);
        try (HoldfastClient client = cluster.connect("holdfast request-release")) {
            List<LockableInfo> held = Lookup.find(client, lockable, cluster);
            int asked = 0;
            for (LockableInfo info : held) {
                asked += ask(client, lockable, info.kind(), cluster.timeLeft());
            }
            report(asked, Lookup.owners(held));
            return asked > 0 ? ExitCode.DONE : ExitCode.FAILED;
        }
    }

    private static int ask(HoldfastClient client, Lockable lockable, LockableKind kind, Duration timeLeft) {
        return kind == LockableKind.MUTEX
                ? client.createLock().withRequestTimeout(timeLeft).requestRelease(lockable) ? 1 : 0
                : client.createSemaphore(Limits.PERMITS_MAX)
                        .withRequestTimeout(timeLeft)
                        .requestRelease(lockable);
    }

    private void report(int asked, String owners) {
        if (json) {
            out().println(Json.write(Map.of("key", key, "asked", asked)));
        } else if (asked > 0) {
            out().println("'" + key + "' is held by " + owners + ". Asked to release it: " + asked + ".");
        } else {
            complain(
                    owners.isEmpty()
                            ? "'" + key + "' is free: there is nobody to ask"
                            : "nobody was asked: '" + key + "' is held by " + owners
                                    + ", and no process is left that would hear of it");
        }
    }
}
