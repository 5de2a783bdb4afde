package dev.holdfast.server.serve;

import dev.holdfast.node.SecretFile;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.Messages;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the secret by which members prove to each other that they are members. */
@Command(
        name = "secret",
        description = {
            "Makes a file with a random secret, which only its owner can read.",
            "Copy it to each member's host, and name it there as secret-file in the configuration: by it, members prove to each other that they are members."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it is made", "2:wrong usage", "74:there is such a file, or it cannot be written"},
        footerHeading = "%nExample:%n",
        footer = "  holdfast secret /etc/holdfast/members.secret")
public final class SecretCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The file. It must not exist.")
    private Path file = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        try {
            SecretFile.create(file);
        } catch (FileAlreadyExistsException e) {
            spec.commandLine().getErr().println("holdfast: " + file + " exists, and members may be using it");
            return ExitCode.UNUSABLE;
        } catch (IOException e) {
            spec.commandLine().getErr().println("holdfast: " + Messages.of(e));
            return ExitCode.UNUSABLE;
        }
        spec.commandLine().getOut().println(file + ": a new secret. All members of a cluster need the same one");
        return ExitCode.DONE;
    }
}
