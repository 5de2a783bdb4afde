package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.access.AccessRule;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.LocalCluster;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.node.access.TokenFile;
import dev.holdfast.node.support.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Three peers that talk over TLS, and have to know their clients. These embed nothing, show the certificates of their hosts, and have a
 * token, whose principal may do what the contract takes and no more.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("long")
class TlsContractTest extends LockContract {
    private LocalCluster peers;
    private Tls tls;
    private String token;
    private HoldfastClient client;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Certificates certificates = new Certificates(folder.resolve("certificates"));
        Path tokens = folder.resolve("tokens");
        token = TokenFile.add(tokens, "contract", List.of(), null);
        AccessOptions access = AccessOptions.closed().withTokensFile(tokens);
        peers = LocalCluster.startOverTls(folder, 3, certificates, builder -> builder.access(access));
        peers.leader().client().putRule(AccessRule.parse("contract force *"));
        tls = certificates.client("host");
        client = otherClient(options());
    }

    @AfterAll
    void stop() {
        client.close();
        peers.close();
    }

    @Override
    protected HoldfastClient client() {
        return client;
    }

    @Override
    protected HoldfastClient otherClient(ClientOptions options) {
        return Holdfast.connect(peers.servers(), options.tls(tls).token(() -> token));
    }
}
