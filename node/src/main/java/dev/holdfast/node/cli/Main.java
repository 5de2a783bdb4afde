package dev.holdfast.node.cli;

import dev.holdfast.node.cli.demo.DemoCommand;
import dev.holdfast.node.cli.demo.FencingDemoCommand;
import dev.holdfast.node.cli.demo.WriterCommand;
import dev.holdfast.node.cli.inspect.ExplainCommand;
import dev.holdfast.node.cli.inspect.ForceReleaseCommand;
import dev.holdfast.node.cli.inspect.LocksCommand;
import dev.holdfast.node.cli.inspect.SessionsCommand;
import dev.holdfast.node.cli.inspect.StatusCommand;
import dev.holdfast.node.cli.run.LockCommand;
import dev.holdfast.node.cli.run.SemaphoreCommand;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where {@code ./holdfast} begins. Exit codes: 0 done, 1 failed, 2 wrong usage. */
@Command(
        name = "holdfast",
        description = "Linearizable locks and semaphores inside JVMs.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            LockCommand.class,
            SemaphoreCommand.class,
            StatusCommand.class,
            LocksCommand.class,
            ExplainCommand.class,
            ForceReleaseCommand.class,
            SessionsCommand.class,
            DemoCommand.class,
            FencingDemoCommand.class,
            AutoComplete.GenerateCompletion.class,
            PeerCommand.class,
            WriterCommand.class
        })
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
