package dev.holdfast.jepsen.cluster;

import dev.holdfast.certs.CertificateAuthority;
import dev.holdfast.certs.Credentials;
import dev.holdfast.certs.Validity;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/** The certificates of a cluster's members and clients, in a folder beside the data folders of the members. */
final class ClusterCertificates {
    private static final String FOLDER = "certificates";
    private static final String CLIENT = "client-workload";
    private static final Validity VALIDITY = Validity.ofDays(2);

    /** Whoever follows the files has looked at them by then, if he makes a connection. */
    private static final long FOLLOWED_MS = 2500;

    private final Path folder;
    private final List<Member> members;
    private CertificateAuthority authority;
    private int authorities = 1;

    private ClusterCertificates(Path folder, List<Member> members, CertificateAuthority authority) {
        this.folder = folder;
        this.members = members;
        this.authority = authority;
    }

    /** @param cluster in which the members have their data folders */
    static ClusterCertificates create(Path cluster, List<Member> members) throws IOException {
        Path folder = Files.createDirectory(cluster.resolve(FOLDER));
        ClusterCertificates made =
                new ClusterCertificates(folder, members, CertificateAuthority.create("authority 1", VALIDITY));
        made.trust(made.authority);
        made.issue();
        return made;
    }

    /** Where those are of the member with that data folder. */
    static Path beside(Path data) {
        return data.resolveSibling(FOLDER);
    }

    /** What that member has. */
    static Tls ofMember(Path certificates, String id) {
        return own(certificates, "member-" + id);
    }

    /** What clients have. */
    static Tls ofClients(Path certificates) {
        return own(certificates, CLIENT);
    }

    private static Tls own(Path certificates, String name) {
        return Tls.pem(certificates.resolve(name + ".pem"), certificates.resolve(name + ".key"))
                .trust(roots(certificates));
    }

    private static Path roots(Path certificates) {
        return certificates.resolve("ca.pem");
    }

    Path folder() {
        return folder;
    }

    /**
     * Puts another authority in the place of the one that there is, and new certificates and keys in the place of all. At each moment,
     * all trust what all show. Blocks for some seconds.
     */
    void rotate() throws IOException, InterruptedException {
        CertificateAuthority before = authority;
        authority = CertificateAuthority.create("authority " + ++authorities, VALIDITY);
        trust(before, authority);
        Thread.sleep(FOLLOWED_MS);
        issue();
        Thread.sleep(FOLLOWED_MS);
        trust(authority);
    }

    private void issue() throws IOException {
        for (Member member : members) {
            write("member-" + member.id(), authority.member(member.id(), List.of(member.host()), VALIDITY));
        }
        write(CLIENT, authority.client("workload", VALIDITY));
    }

    private void write(String name, Credentials credentials) throws IOException {
        credentials.writePem(folder.resolve(name + ".pem"), folder.resolve(name + ".key"));
    }

    private void trust(CertificateAuthority... roots) throws IOException {
        String pem = Credentials.pem(
                Stream.of(roots).map(CertificateAuthority::certificate).toArray(X509Certificate[]::new));
        Path unfinished = Files.writeString(folder.resolve("ca.new"), pem);
        Files.move(unfinished, roots(folder), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
