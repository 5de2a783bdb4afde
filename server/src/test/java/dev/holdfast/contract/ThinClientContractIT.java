package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.kill.SharedCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** Three processes; this one embeds nothing. */
@ExtendWith(SharedCluster.class)
class ThinClientContractIT extends LockContract {
    private String servers;
    private HoldfastClient client;

    @BeforeAll
    void connect(ProcessCluster cluster) {
        servers = cluster.servers();
        client = otherClient(options());
    }

    @AfterAll
    void disconnect() {
        client.close();
    }

    @Override
    protected HoldfastClient client() {
        return client;
    }

    @Override
    protected HoldfastClient otherClient(ClientOptions options) {
        return Holdfast.connect(servers, options);
    }
}
