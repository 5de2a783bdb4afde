package dev.holdfast.server.serve;

import dev.holdfast.node.DataFolder;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Messages;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what a data folder has, and what is damaged. */
@Command(
        name = "check",
        description = {
            "Reads the data folder of a peer that does not run: how far its log reaches, its snapshots, and what is damaged.",
            "Changes nothing. What to do about damage: \"A damaged data folder\" in docs/operations.md."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all can be read",
            "2:wrong usage",
            "74:something is damaged, the folder cannot be read, or a peer uses it"
        },
        footerHeading = "%nExample:%n",
        footer = "  holdfast check --data data/a")
public final class CheckCommand implements Callable<Integer> {
    @Option(names = "--data", required = true, paramLabel = "DIR", description = "The peer's data folder.")
    private Path data = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        DataFolder folder;
        try {
            folder = DataFolder.check(data);
        } catch (IOException e) {
            spec.commandLine().getErr().println("holdfast: " + Messages.of(e));
            return ExitCode.UNUSABLE;
        }
        folder.groups().forEach(group -> print(group, out));
        if (folder.isSound()) {
            out.println("all of it can be read");
            return ExitCode.DONE;
        }
        spec.commandLine().getErr().println("holdfast: " + data + " is damaged");
        return ExitCode.UNUSABLE;
    }

    private static void print(DataFolder.Group group, PrintWriter out) {
        out.println("group " + group.id());
        DataFolder.Log log = group.log();
        if (log.last() < 0) {
            out.println("  log: no entries");
        } else {
            out.println("  log: entries " + log.first() + " to " + log.last() + ", the last of term " + log.lastTerm()
                    + "; " + log.files() + (log.files() == 1 ? " file, " : " files, ") + kib(log.bytes()));
        }
        for (DataFolder.Snapshot snapshot : group.snapshots()) {
            out.println("  snapshot: up to entry " + snapshot.index() + ", of term " + snapshot.term() + "; "
                    + kib(snapshot.bytes()));
            if (!snapshot.damage().isEmpty()) {
                out.println("  damaged: " + snapshot.file() + ": " + snapshot.damage());
            }
        }
        group.findings().forEach(finding -> out.println("  damaged: " + finding));
    }

    private static String kib(long bytes) {
        return (bytes + 1023) / 1024 + " KiB";
    }
}
