package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.kill.ProcessCluster;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Three processes; this one embeds nothing. */
class ThinClientContractIT extends LockContract {
    private ProcessCluster cluster;
    private HoldfastClient client;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        cluster = ProcessCluster.startThree(folder, 0);
        client = Holdfast.connect(cluster.servers());
    }

    @AfterAll
    void stop() {
        client.close();
        cluster.close();
    }

    @Override
    protected HoldfastClient client() {
        return client;
    }

    @Override
    protected HoldfastClient otherClient(ClientOptions options) {
        return Holdfast.connect(cluster.servers(), options);
    }
}
