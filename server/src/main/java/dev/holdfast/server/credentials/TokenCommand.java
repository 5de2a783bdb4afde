package dev.holdfast.server.credentials;

import dev.holdfast.node.access.TokenFile;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a token by which a client proves who it is. */
@Command(
        name = "token",
        description = {
            "Makes a token by which a client proves who it is, and adds its hash to the file that the members read.",
            "Their configuration names that file as holdfast.access.tokens-file. The token itself is kept nowhere else: it goes to standard output, or to a file."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:it is made", "2:wrong usage", "74:a file cannot be written, or the token's exists"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast token alice --file tokens --group ops --out alice.token",
            "  HOLDFAST_TOKEN_FILE=alice.token holdfast locks"
        })
public final class TokenCommand extends MakingCommand {
    @Parameters(paramLabel = "NAME", description = "The principal that the token stands for.")
    private String name = "";

    @Option(
            names = "--file",
            required = true,
            paramLabel = "FILE",
            description = "The members' file with hashes of tokens, created if absent. All members need the same.")
    private Path file = Path.of("");

    @Option(names = "--group", paramLabel = "GROUP", description = "A group that the principal is in. May be repeated.")
    private List<String> groups = List.of();

    @Option(names = "--days", paramLabel = "N", description = "For how many days it is accepted. Default: for ever")
    private @Nullable Integer days;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Where to write the token, for its owner's eyes only. It must not exist. Default: standard output")
    private @Nullable Path target;

    @Override
    void make() throws IOException {
        Instant expires = days == null
                ? null
                : Instant.now().plus(Duration.ofDays(checked(days))).truncatedTo(ChronoUnit.SECONDS);
        if (target == null) {
            out().println(TokenFile.add(file, name, groups, expires));
        } else {
            // First of all, so that no hash is added of a token that is lost.
            Files.createFile(target, ownerOnly());
            boolean written = false;
            try {
                Files.writeString(target, TokenFile.add(file, name, groups, expires) + "\n");
                written = true;
            } finally {
                if (!written) {
                    Files.deleteIfExists(target);
                }
            }
        }
        err().println("holdfast: a token of " + name + (expires == null ? "" : ", until " + day(expires))
                + (target == null ? "" : ", in " + target) + ". Its hash is in " + file
                + ": each member needs a copy of that file");
    }

    @Override
    String ifItExists() {
        return "Give the token another file";
    }

    private static FileAttribute<?>[] ownerOnly() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
