package dev.holdfast.jepsen.workload;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Sends some requests twice: at once, or when their client has long forgotten them and others have come after them. The
 * second answer is not listened to. It takes the executor over.
 */
final class RepeatingTransport implements Transport {
    private static final int REPEAT_ONE_IN = 8;
    private static final int LATEST_MS = 3000;

    private final Transport transport;
    private final ScheduledExecutorService later;
    private final Random random;

    RepeatingTransport(Transport transport, ScheduledExecutorService later, Random random) {
        this.transport = transport;
        this.later = later;
        this.random = random;
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        CompletableFuture<SubmitReply> reply = transport.submit(batch);
        if (random.nextInt(REPEAT_ONE_IN) == 0) {
            long delay = random.nextBoolean() ? 0 : random.nextInt(LATEST_MS);
            var unused = later.schedule(() -> transport.submit(batch), delay, TimeUnit.MILLISECONDS);
        }
        return reply;
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return transport.query(query);
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        return transport.keepAlive(session);
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        return transport.subscribe(session, afterNumber, sink);
    }

    @Override
    public void close() {
        later.shutdownNow();
        transport.close();
    }
}
