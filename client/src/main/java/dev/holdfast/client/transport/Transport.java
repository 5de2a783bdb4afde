package dev.holdfast.client.transport;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.concurrent.CompletableFuture;

/**
 * The way into one Raft group of a cluster.
 *
 * <p><b>Threads.</b> Every method may be called from any thread, at the same time, and returns without blocking. Futures
 * and sinks are completed on threads of the transport, which must not be blocked.
 *
 * <p><b>Failure.</b> A future fails only with {@link TransportException}, whose {@link TransportException#maybeApplied()}
 * tells whether the request may have taken effect. A transport does not retry: it makes one attempt at whatever peer it
 * believes to lead, and learns from a failure whom to ask next time. Every future completes, in bounded time; a request
 * to a peer that fell silent fails within the transport's request timeout.
 *
 * <p><b>Retry.</b> The caller may repeat a batch as it is: commands are executed once per (session, sequence).
 */
public interface Transport extends AutoCloseable {

    /** Puts the batch into the log and returns the outcomes of its commands, in their order, once it is applied. */
    CompletableFuture<SubmitReply> submit(SessionBatch batch);

    /** Answers from the leader's applied state, linearizably. */
    CompletableFuture<Answer> query(Query query);

    /** Renews the session's lease at the leader, without a log entry. */
    CompletableFuture<KeepAliveReply> keepAlive(SessionId session);

    /**
     * Delivers the session's events after {@code afterNumber}: first those that are waiting, then each as it happens.
     * Delivery ends with the subscription, or with {@link EventSink#onBroken}, after which the caller subscribes again.
     */
    Subscription subscribe(SessionId session, long afterNumber, EventSink sink);

    /** Ends all subscriptions and fails all requests under way. Does not touch sessions. */
    @Override
    void close();

    /** Ends by {@link #close}; a delivery under way may still arrive. */
    interface Subscription extends AutoCloseable {
        /**
         * Delivers more of what waits, on the caller's thread, because the sink is {@linkplain EventSink#isReady ready} again.
         * That may wait for others who read the state. Does nothing if nothing was kept back.
         *
         * @return whether more waits, and this is to be called again
         */
        default boolean resume() {
            return false;
        }

        @Override
        void close();
    }
}
