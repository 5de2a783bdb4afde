package dev.holdfast.server.rescue;

import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.Backup;
import dev.holdfast.server.shell.ClusterOptions;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Json;
import dev.holdfast.server.shell.Messages;
import dev.holdfast.server.shell.ShellCommand;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a backup of a running cluster. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a backup of a running cluster to a file: locks, sessions, waiters, rules, audit, and the highest token.",
            "It is taken from the member that leads, once that one has confirmed that it leads, and has everything that was acknowledged before. If the locks are spread over several groups, that holds for each group by itself. Only its owner can read the file. What to do with it: 'holdfast restore --help'."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is taken",
            "2:wrong usage, or not the cluster that was meant",
            "69:no leader answered",
            "74:there is such a file, or it cannot be written",
            "77:you are not allowed to"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast backup holdfast-monday.backup",
            "  holdfast backup --force latest.backup --servers db1:7201,db2:7201,db3:7201"
        })
public final class BackupCommand extends ShellCommand {
    @Parameters(paramLabel = "FILE", description = "The file.")
    private Path file = Path.of("");

    @Option(names = "--force", description = "Replace the file if there is one.")
    private boolean force;

    @Option(names = "--json", description = "Print one line of JSON.")
    private boolean json;

    /** As printed with {@code --json}. */
    private record View(
            String file, long bytes, String cluster, String name, long lastToken, Iterable<GroupView> groups) {}

    private record GroupView(
            int group, String takenFrom, Instant takenAt, long index, long lastToken, long holds, long sessions) {
        static GroupView of(Backup.Group group) {
            return new GroupView(
                    group.number(),
                    group.takenFrom(),
                    group.takenAt(),
                    group.index(),
                    group.lastToken(),
                    group.holds(),
                    group.sessions());
        }
    }

    @Override
    protected int run(ClusterOptions cluster) throws InterruptedException {
        RemoteOptions options =
                cluster.secured(RemoteOptions.named("holdfast backup").withClusterName(cluster.name()));
        Backup backup;
        long bytes;
        try {
            backup = Backup.take(
                    cluster.addresses(), options.withRequestTimeout(cluster.timeout()), file, force, cluster.timeout());
            bytes = Files.size(file);
        } catch (FileAlreadyExistsException e) {
            complain(file + " exists; --force replaces it");
            return ExitCode.UNUSABLE;
        } catch (TransportException e) {
            if (e.kind() == TransportException.Kind.REFUSED) {
                complain(String.valueOf(e.getMessage()));
                return ExitCode.USAGE;
            }
            throw e;
        } catch (IOException e) {
            complain(Messages.of(e));
            return ExitCode.UNUSABLE;
        }
        if (json) {
            out().println(Json.write(new View(
                    file.toString(),
                    bytes,
                    backup.clusterId(),
                    backup.clusterName(),
                    backup.lastToken(),
                    backup.groups().stream().map(GroupView::of).toList())));
        } else {
            print(backup, bytes);
        }
        return ExitCode.DONE;
    }

    private void print(Backup backup, long bytes) {
        out().println(file + ": a backup of the cluster '" + backup.clusterName() + "' (" + backup.clusterId() + "), "
                + (bytes + 1023) / 1024 + " KiB");
        for (Backup.Group group : backup.groups()) {
            out().println("  group " + group.number() + ", from " + group.takenFrom() + " at "
                    + group.takenAt().truncatedTo(ChronoUnit.SECONDS) + ": up to entry " + group.index()
                    + ", highest token " + group.lastToken() + "; " + group.holds() + " holds, " + group.sessions()
                    + " sessions");
        }
    }
}
