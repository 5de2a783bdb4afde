package dev.holdfast.node.cli;

import dev.holdfast.node.cli.demo.DemoCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where {@code ./holdfast} begins. Exit codes: 0 done, 1 failed, 2 wrong usage; a command may have more. */
@Command(
        name = "holdfast",
        description = "Linearizable locks and semaphores inside JVMs.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {NodeCommand.class, ClusterCommand.class, DemoCommand.class, PeerCommand.class})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }

    public static void main(String[] args) {
        Logging.set();
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
