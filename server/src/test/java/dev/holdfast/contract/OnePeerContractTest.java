package dev.holdfast.contract;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.node.HoldfastNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** One peer, which is the whole cluster. */
@Execution(ExecutionMode.CONCURRENT)
class OnePeerContractTest extends LockContract {
    private HoldfastNode node;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        node = HoldfastNode.builder()
                .dataFolder(folder)
                .clientOptions(ignored -> options())
                .start();
    }

    @AfterAll
    void stop() {
        node.close();
    }

    @Override
    protected HoldfastClient client() {
        return node.client();
    }

    @Override
    protected HoldfastClient otherClient(ClientOptions options) {
        return node.newClient(options);
    }
}
