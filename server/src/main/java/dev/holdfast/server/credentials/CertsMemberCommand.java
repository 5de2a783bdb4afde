package dev.holdfast.server.credentials;

import dev.holdfast.certs.Validity;
import dev.holdfast.server.credentials.CertificateFolder.Issued;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Issues a member's certificate. */
@Command(
        name = "member",
        description =
                "Issues the certificate of a member: it proves to the others which one it is, and to clients that they talk"
                        + " to that host.",
        mixinStandardHelpOptions = true)
final class CertsMemberCommand extends IssuingCommand {
    @Parameters(index = "1", paramLabel = "ID", description = "The member's id, as in the cluster's list.")
    private String id = "";

    @Parameters(
            index = "2..*",
            arity = "1..*",
            paramLabel = "HOST",
            description = "The names and addresses at which others reach it, as they write them.")
    private List<String> hosts = List.of();

    @Override
    Issued issue(CertificateFolder from, Validity validity, boolean replaceOld) throws IOException {
        return from.member(id, hosts, validity, replaceOld);
    }

    @Override
    void explain(Issued issued, Path root) {
        out().println("Member " + id + ", at " + String.join(", ", hosts)
                + ". Copy these to its host, and name them in its configuration:");
        out().println("  holdfast.tls.members.certificate = "
                + issued.certificate().getFileName());
        out().println("  holdfast.tls.members.key = " + issued.key().getFileName());
        out().println("  holdfast.tls.members.trust = " + root.getFileName());
    }
}
