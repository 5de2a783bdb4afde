package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.LocalCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Three peers; all clients are at one that follows. */
@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(SharedPeers.class)
class FollowerContractTest extends LockContract {
    private HoldfastNode follower;
    private HoldfastClient client;

    @BeforeAll
    void connect(LocalCluster peers) {
        follower = peers.follower();
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
        return follower.newClient(options);
    }
}
