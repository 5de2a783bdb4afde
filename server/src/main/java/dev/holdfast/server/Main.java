package dev.holdfast.server;

import dev.holdfast.server.credentials.CertsCommand;
import dev.holdfast.server.credentials.TokenCommand;
import dev.holdfast.server.demo.DemoCommand;
import dev.holdfast.server.demo.FencingDemoCommand;
import dev.holdfast.server.demo.WriterCommand;
import dev.holdfast.server.inspect.AuditCommand;
import dev.holdfast.server.inspect.CloseSessionCommand;
import dev.holdfast.server.inspect.ExplainCommand;
import dev.holdfast.server.inspect.ForceReleaseCommand;
import dev.holdfast.server.inspect.HistoryCommand;
import dev.holdfast.server.inspect.LocksCommand;
import dev.holdfast.server.inspect.MembersCommand;
import dev.holdfast.server.inspect.RequestReleaseCommand;
import dev.holdfast.server.inspect.RulesCommand;
import dev.holdfast.server.inspect.SessionsCommand;
import dev.holdfast.server.inspect.StatusCommand;
import dev.holdfast.server.rescue.BackupCommand;
import dev.holdfast.server.rescue.RecoverCommand;
import dev.holdfast.server.rescue.RestoreCommand;
import dev.holdfast.server.run.LockCommand;
import dev.holdfast.server.run.SemaphoreCommand;
import dev.holdfast.server.serve.CheckCommand;
import dev.holdfast.server.serve.ClusterCommand;
import dev.holdfast.server.serve.NodeCommand;
import dev.holdfast.server.serve.PeerCommand;
import dev.holdfast.server.serve.SecretCommand;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program behind {@code ./holdfast}. Exit codes: 0 done, 1 failed, 2 wrong usage; a command may have more. */
@Command(
        name = "holdfast",
        description = "Linearizable locks and semaphores inside JVMs.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    /** A script that completes all of them. */
    private static final String COMPLETION = "generate-completion";

    private static final List<String> COMMANDS = List.of(
            "node",
            "cluster",
            "lock",
            "semaphore",
            "status",
            "members",
            "locks",
            "explain",
            "history",
            "force-release",
            "request-release",
            "sessions",
            "close-session",
            "rules",
            "audit",
            "check",
            "backup",
            "restore",
            "recover",
            "secret",
            "certs",
            "token",
            "demo",
            "fencing-demo",
            COMPLETION,
            "peer",
            "fencing-demo-writer");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** There is nothing to do without a subcommand. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command?");
    }

    public static void main(String[] args) {
        Logging.set();
        System.exit(commandLine(args).execute(args));
    }

    /**
     * A command line to execute, once, with those arguments. It knows only the command that they name, for reading what a command
     * consists of takes longer than many a command, or else all.
     */
    public static CommandLine commandLine(String... args) {
        CommandLine commandLine = new CommandLine(new Main());
        boolean isNamed = args.length > 0 && COMMANDS.contains(args[0]) && !args[0].equals(COMPLETION);
        for (String name : isNamed ? List.of(args[0]) : COMMANDS) {
            commandLine.addSubcommand(name, command(name));
        }
        // The name of a group begins with an @ and is no file to read arguments from.
        return commandLine.setExpandAtFiles(false).setParameterExceptionHandler(new WrongUsage());
    }

    private static Class<?> command(String name) {
        return switch (name) {
            case "node" -> NodeCommand.class;
            case "cluster" -> ClusterCommand.class;
            case "lock" -> LockCommand.class;
            case "semaphore" -> SemaphoreCommand.class;
            case "status" -> StatusCommand.class;
            case "members" -> MembersCommand.class;
            case "locks" -> LocksCommand.class;
            case "explain" -> ExplainCommand.class;
            case "history" -> HistoryCommand.class;
            case "force-release" -> ForceReleaseCommand.class;
            case "request-release" -> RequestReleaseCommand.class;
            case "sessions" -> SessionsCommand.class;
            case "close-session" -> CloseSessionCommand.class;
            case "rules" -> RulesCommand.class;
            case "audit" -> AuditCommand.class;
            case "check" -> CheckCommand.class;
            case "backup" -> BackupCommand.class;
            case "restore" -> RestoreCommand.class;
            case "recover" -> RecoverCommand.class;
            case "secret" -> SecretCommand.class;
            case "certs" -> CertsCommand.class;
            case "token" -> TokenCommand.class;
            case "demo" -> DemoCommand.class;
            case "fencing-demo" -> FencingDemoCommand.class;
            case COMPLETION -> AutoComplete.GenerateCompletion.class;
            case "peer" -> PeerCommand.class;
            case "fencing-demo-writer" -> WriterCommand.class;
            default -> throw new IllegalArgumentException(name);
        };
    }
}
