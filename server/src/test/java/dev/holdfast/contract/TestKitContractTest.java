package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.testkit.TestCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The cluster in memory, for tests of users. */
@Execution(ExecutionMode.CONCURRENT)
class TestKitContractTest extends LockContract {
    private TestCluster cluster;
    private HoldfastClient client;

    @BeforeAll
    void start() {
        cluster = TestCluster.start();
        client = otherClient(options());
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
        return cluster.newClient(ignored -> options);
    }
}
