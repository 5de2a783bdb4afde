package dev.holdfast.server.credentials;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the authority. */
@Command(
        name = "init",
        description = "Makes a certificate authority in a folder: ca.pem, which members and clients trust, and ca.key.",
        mixinStandardHelpOptions = true)
final class CertsInitCommand extends MakingCommand {
    @Parameters(paramLabel = "DIR", description = "The folder, created if absent. It must have no authority yet.")
    private Path folder = Path.of("");

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "3650",
            description = "How long it is valid, in days. Default: ${DEFAULT-VALUE}")
    private int days;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "Holdfast CA",
            description = "What people read in its certificate. Default: ${DEFAULT-VALUE}")
    private String name = "";

    @Override
    void make() throws IOException {
        CertificateFolder made = CertificateFolder.create(folder, name, validity(days));
        out().println(made.rootFile() + ": a new authority, valid until "
                + day(made.authority().certificate().getNotAfter().toInstant()) + ". Each member and client trusts it");
        out().println(made.rootKeyFile()
                + ": its key. Whoever has it can be any member and any client: keep it where none of" + " them runs");
    }

    @Override
    String ifItExists() {
        return "What it has issued would no longer be trusted; a new authority needs a folder of its own";
    }
}
