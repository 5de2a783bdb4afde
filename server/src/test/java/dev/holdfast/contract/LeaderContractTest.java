package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.node.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Three peers; all clients are at the one that leads. */
class LeaderContractTest extends LockContract {
    private LocalCluster cluster;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        cluster = LocalCluster.start(folder, 3);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Override
    protected HoldfastClient client() {
        return cluster.leader().client();
    }

    @Override
    protected HoldfastClient otherClient(ClientOptions options) {
        return cluster.leader().newClient(options);
    }
}
