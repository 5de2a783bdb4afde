package dev.holdfast.server.credentials;

import dev.holdfast.certs.Validity;
import dev.holdfast.server.credentials.CertificateFolder.Issued;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Issues a client's certificate. */
@Command(
        name = "client",
        description = {
            "Issues the certificate of a client: it proves who the client is.",
            "An administrator's is no different: the cluster knows by the name what it may, by its rules and by holdfast.access.admins in the configuration of its members."
        },
        mixinStandardHelpOptions = true)
final class CertsClientCommand extends IssuingCommand {
    @Parameters(index = "1", paramLabel = "NAME", description = "The principal that the client is to be.")
    private String name = "";

    @Override
    Issued issue(CertificateFolder from, Validity validity, boolean replaceOld) throws IOException {
        return from.client(name, validity, replaceOld);
    }

    @Override
    void explain(Issued issued, Path root) {
        out().println("Client " + name + ". Copy these to its host, and give them to its client, or to the shell as");
        out().println("  HOLDFAST_CA=" + root.getFileName() + " HOLDFAST_CERT="
                + issued.certificate().getFileName() + " HOLDFAST_CERT_KEY="
                + issued.key().getFileName());
    }
}
