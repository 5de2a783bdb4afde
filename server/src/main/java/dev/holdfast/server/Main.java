package dev.holdfast.server;

import dev.holdfast.server.demo.DemoCommand;
import dev.holdfast.server.demo.FencingDemoCommand;
import dev.holdfast.server.demo.WriterCommand;
import dev.holdfast.server.inspect.ExplainCommand;
import dev.holdfast.server.inspect.ForceReleaseCommand;
import dev.holdfast.server.inspect.LocksCommand;
import dev.holdfast.server.inspect.RequestReleaseCommand;
import dev.holdfast.server.inspect.SessionsCommand;
import dev.holdfast.server.inspect.StatusCommand;
import dev.holdfast.server.run.LockCommand;
import dev.holdfast.server.run.SemaphoreCommand;
import dev.holdfast.server.serve.CheckCommand;
import dev.holdfast.server.serve.ClusterCommand;
import dev.holdfast.server.serve.NodeCommand;
import dev.holdfast.server.serve.PeerCommand;
import dev.holdfast.server.shell.ExitCode;
import java.io.PrintWriter;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program behind {@code ./holdfast}. Exit codes: 0 done, 1 failed, 2 wrong usage; a command may have more. */
@Command(
        name = "holdfast",
        description = "Linearizable locks and semaphores inside JVMs.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            NodeCommand.class,
            ClusterCommand.class,
            LockCommand.class,
            SemaphoreCommand.class,
            StatusCommand.class,
            LocksCommand.class,
            ExplainCommand.class,
            ForceReleaseCommand.class,
            RequestReleaseCommand.class,
            SessionsCommand.class,
            CheckCommand.class,
            DemoCommand.class,
            FencingDemoCommand.class,
            AutoComplete.GenerateCompletion.class,
            PeerCommand.class,
            WriterCommand.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** There is nothing to do without a subcommand. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }

    public static void main(String[] args) {
        Logging.set();
        System.exit(commandLine().execute(args));
    }

    /** A command line to execute, once. */
    public static CommandLine commandLine() {
        return new CommandLine(new Main()).setParameterExceptionHandler(Main::explainUsage);
    }

    /** Prints a line on what is wrong: the whole help would bury it. */
    private static int explainUsage(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("holdfast: " + wrong.getMessage());
        UnmatchedArgumentException.printSuggestions(wrong, err);
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }
}
