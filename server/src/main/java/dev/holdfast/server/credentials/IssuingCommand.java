package dev.holdfast.server.credentials;

import dev.holdfast.certs.Validity;
import dev.holdfast.server.credentials.CertificateFolder.Issued;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Issues a certificate. */
abstract class IssuingCommand extends MakingCommand {
    @Parameters(index = "0", paramLabel = "DIR", description = "The folder with the authority, of 'certs init'.")
    private Path folder = Path.of("");

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "How long it is valid, in days. Default: ${DEFAULT-VALUE}")
    private int days;

    @Option(
            names = "--replace",
            description = "Put it in the place of an older one. Whoever uses the files reads them again by itself.")
    private boolean replace;

    @Option(
            names = "--pkcs12",
            paramLabel = "PASSWORD-FILE",
            description = "Also make a PKCS#12 store of it and of the root, with the password that is in that file.")
    private @Nullable Path passwordFile;

    /** Issues it, as that folder keeps it. */
    abstract Issued issue(CertificateFolder from, Validity validity, boolean replaceOld) throws IOException;

    /** Says whose it is, and what to put where. */
    abstract void explain(Issued issued, Path root);

    @Override
    final void make() throws IOException {
        Validity validity = validity(days);
        char[] password = password();
        CertificateFolder from = open();
        Issued issued = issue(from, validity, replace);
        explain(issued, from.rootFile());
        if (password != null) {
            Path store = Path.of(issued.certificate().toString().replaceAll("\\.pem$", ".p12"));
            issued.credentials().writePkcs12(store, password, from.authority().certificate());
            out().println(store + ": the three in one store");
        }
        out().println("Keep " + issued.key() + " secret: whoever has it can pose as its owner. Valid until "
                + day(issued.credentials().certificate().getNotAfter().toInstant())
                + "; before that, issue another with --replace");
    }

    private CertificateFolder open() throws IOException {
        try {
            return CertificateFolder.open(folder);
        } catch (NoSuchFileException e) {
            throw new IOException(folder + " has no authority: there is no " + e.getFile() + ". 'holdfast certs init "
                    + folder + "' makes one");
        }
    }

    private char @Nullable [] password() throws IOException {
        if (passwordFile == null) {
            return null;
        }
        String password = Files.readString(passwordFile, StandardCharsets.UTF_8).strip();
        if (password.isEmpty()) {
            throw new IOException(passwordFile + " has no password");
        }
        return password.toCharArray();
    }

    @Override
    final String ifItExists() {
        return "--replace puts a new one in its place";
    }
}
