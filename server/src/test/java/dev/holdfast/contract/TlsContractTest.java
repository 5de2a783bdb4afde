package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.LocalCluster;
import dev.holdfast.node.support.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Three peers that talk over TLS; clients embed nothing, and show certificates. */
@Execution(ExecutionMode.CONCURRENT)
class TlsContractTest extends LockContract {
    private LocalCluster peers;
    private Tls tls;
    private HoldfastClient client;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Certificates certificates = new Certificates(folder.resolve("certificates"));
        peers = LocalCluster.startOverTls(folder, 3, certificates);
        tls = certificates.client("contract");
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
        return Holdfast.connect(peers.servers(), options.tls(tls));
    }
}
