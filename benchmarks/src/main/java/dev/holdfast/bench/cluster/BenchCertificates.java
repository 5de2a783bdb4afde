package dev.holdfast.bench.cluster;

import dev.holdfast.certs.Validity;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.HoldfastNodeBuilder;
import dev.holdfast.node.Member;
import dev.holdfast.server.credentials.CertificateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The certificates of a cluster's members and of its client, beside the data folders; there are none without TLS. */
final class BenchCertificates {
    private static final String FOLDER = "certificates";
    private static final Validity VALIDITY = Validity.ofDays(1);
    private static final String CLIENT = "client-bench";

    private final Path folder;

    private BenchCertificates(Path folder) {
        this.folder = folder;
    }

    /** Makes them. */
    static void create(Path cluster, List<Member> members) throws IOException {
        CertificateFolder made = CertificateFolder.create(cluster.resolve(FOLDER), "bench", VALIDITY);
        for (Member member : members) {
            var unused = made.member(member.id(), List.of(member.host()), VALIDITY, false);
        }
        var unused = made.client("bench", VALIDITY, false);
    }

    /** Those of the cluster whose data folders are in that folder. */
    static BenchCertificates in(Path cluster) {
        return new BenchCertificates(cluster.resolve(FOLDER));
    }

    /** Over TLS, if there are certificates. */
    HoldfastNodeBuilder secure(HoldfastNodeBuilder builder, String memberId) {
        if (!Files.exists(folder)) {
            return builder;
        }
        Tls tls = own("member-" + memberId);
        return builder.membersTls(tls).clientsTls(tls).requireClientCertificate();
    }

    /** Over TLS, if there are certificates. */
    ClientOptions secure(ClientOptions options) {
        return Files.exists(folder) ? options.tls(own(CLIENT)) : options;
    }

    private Tls own(String name) {
        return Tls.pem(folder.resolve(name + ".pem"), folder.resolve(name + ".key"))
                .trust(folder.resolve("ca.pem"));
    }
}
