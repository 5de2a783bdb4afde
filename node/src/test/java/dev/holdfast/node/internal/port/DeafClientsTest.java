package dev.holdfast.node.internal.port;

import static dev.holdfast.node.internal.port.PortFixture.CLUSTER;
import static dev.holdfast.node.internal.port.PortFixture.soon;

import dev.holdfast.node.support.Frames;
import dev.holdfast.node.support.RawClient;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that ask and never read, with answers that come from another thread when all questions have been read. */
class DeafClientsTest {
    private static final int CLIENTS = 20;
    private static final int QUESTIONS = 30;

    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    @Test
    void they_are_cut_off_though_they_do_not_read_even_that() throws Exception {
        PortFixture.Peer peer = fixture.peer(
                "a",
                CLUSTER,
                defaults -> defaults.withUnreadBytesMax(3_000_000)
                        .withUnreadBytesOfAllMax(1_000_000_000L)
                        .withEndTimeout(Duration.ofMillis(100)));
        Answer.WaiterView waiter = new Answer.WaiterView(
                Owner.of("user", "x".repeat(250)), 1, 1, 0, 0, new Answer.SessionView("s", "h", "n", "", ""));
        Answer large =
                new Answer.LockableView(LockableKey.mutex("k"), 1, List.of(), 1, Collections.nCopies(3000, waiter));
        AtomicInteger asked = new AtomicInteger();
        ExecutorService answering = Executors.newSingleThreadExecutor();
        try {
            peer.transport.onQuery = query -> {
                asked.incrementAndGet();
                return CompletableFuture.supplyAsync(() -> large, answering);
            };
            for (int i = 0; i < CLIENTS; i++) {
                RawClient client = fixture.closing(new RawClient(peer.address(), false));
                client.hello(1, "");
                for (int id = 1; id <= QUESTIONS; id++) {
                    client.send(Frames.query(id, new Query.Summary()));
                }
            }

            soon().until(() -> asked.get() >= CLIENTS);
            soon().until(() -> peer.port.connections() == 0);
        } finally {
            answering.shutdownNow();
        }
    }
}
