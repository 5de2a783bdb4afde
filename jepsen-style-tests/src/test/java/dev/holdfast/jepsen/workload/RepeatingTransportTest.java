package dev.holdfast.jepsen.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class RepeatingTransportTest {
    private static final int BATCHES = 200;

    private final Queue<SessionBatch> sent = new ConcurrentLinkedQueue<>();
    private final Map<Integer, CompletableFuture<SubmitReply>> replies = new ConcurrentHashMap<>();

    @Test
    void some_batches_are_sent_twice() {
        try (RepeatingTransport transport =
                new RepeatingTransport(new Recording(), Executors.newSingleThreadScheduledExecutor(), new Random(1))) {
            for (int i = 0; i < BATCHES; i++) {
                var unused = transport.submit(new SessionBatch(new SessionId(1, 1), i, 0, List.of()));
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> sent.size() > BATCHES + BATCHES / 16);
            assertThat(sent.stream().distinct()).hasSize(BATCHES);
        }
    }

    @Test
    void a_batch_that_was_not_applied_is_not_sent_again_or_else_its_outcome_is_reported_as_unknown() {
        try (RepeatingTransport transport =
                new RepeatingTransport(new Recording(), Executors.newSingleThreadScheduledExecutor(), new Random(1))) {
            List<CompletableFuture<SubmitReply>> answers = new ArrayList<>();
            for (int i = 0; i < BATCHES; i++) {
                answers.add(transport.submit(new SessionBatch(new SessionId(1, 1), i, 0, List.of())));
                if (i % 2 == 0) {
                    // Before a second copy of it could be sent, or perhaps after.
                    refuse(i);
                }
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> sent.size() > BATCHES + BATCHES / 32);
            for (int i = 1; i < BATCHES; i += 2) {
                refuse(i);
            }
            for (int i = 0; i < BATCHES; i++) {
                int number = i;
                boolean isSentTwice = sent.stream()
                                .filter(batch -> batch.outcomesAcknowledged() == number)
                                .count()
                        == 2;
                assertThat(answers.get(i))
                        .failsWithin(Duration.ZERO)
                        .withThrowableThat()
                        .havingRootCause()
                        .isInstanceOfSatisfying(
                                TransportException.class,
                                failure -> assertThat(!isSentTwice || failure.maybeApplied())
                                        .isTrue());
            }
        }
    }

    private void refuse(int number) {
        replies.get(number)
                .completeExceptionally(new TransportException(TransportException.Kind.NO_LEADER, "told by a test"));
    }

    private final class Recording implements Transport {
        @Override
        public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
            sent.add(batch);
            return replies.computeIfAbsent((int) batch.outcomesAcknowledged(), unused -> new CompletableFuture<>());
        }

        @Override
        public CompletableFuture<Answer> query(Query query) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
            return new CompletableFuture<>();
        }

        @Override
        public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
            return () -> {};
        }

        @Override
        public void close() {}
    }
}
