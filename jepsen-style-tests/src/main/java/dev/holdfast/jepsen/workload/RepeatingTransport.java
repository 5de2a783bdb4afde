package dev.holdfast.jepsen.workload;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sends some requests twice: at once, or long after their client has forgotten them and sent others. The second answer
 * is ignored. The transport owns the executor.
 *
 * <p>"Nothing was done" is true of one copy only. So a request whose client was told that is not sent again; and where
 * a second copy is already on its way, the client is told that the outcome is unknown.
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
        return random.nextInt(REPEAT_ONE_IN) == 0 ? repeated(batch, reply) : reply;
    }

    private CompletableFuture<SubmitReply> repeated(SessionBatch batch, CompletableFuture<SubmitReply> reply) {
        AtomicBoolean isSentAgain = new AtomicBoolean();
        long delay = random.nextBoolean() ? 0 : random.nextInt(LATEST_MS);
        var unused = later.schedule(
                () -> {
                    isSentAgain.set(true);
                    if (!saysThatNothingWasDone(reply)) {
                        var ignored = transport.submit(batch);
                    }
                },
                delay,
                TimeUnit.MILLISECONDS);
        CompletableFuture<SubmitReply> answer = new CompletableFuture<>();
        reply.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else if (saysThatNothingWasDone(reply) && isSentAgain.get()) {
                answer.completeExceptionally(new TransportException(
                        TransportException.Kind.OUTCOME_UNKNOWN, "a second copy was sent; of the first: " + failure));
            } else {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    private static boolean saysThatNothingWasDone(CompletableFuture<SubmitReply> reply) {
        if (!reply.isCompletedExceptionally()) {
            return false;
        }
        try {
            reply.join();
            return false;
        } catch (CompletionException e) {
            return e.getCause() instanceof TransportException known && !known.maybeApplied();
        }
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
