package dev.holdfast.node.gateway;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.concurrent.CompletableFuture;

/** A transport that several clients share, as one of them sees it: it is not theirs to close. */
final class SharedTransport implements Transport {
    private final Transport shared;

    SharedTransport(Transport shared) {
        this.shared = shared;
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        return shared.submit(batch);
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return shared.query(query);
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        return shared.keepAlive(session);
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        return shared.subscribe(session, afterNumber, sink);
    }

    /** Does nothing: clients end their subscriptions themselves, and the owner of the transport closes it. */
    @Override
    public void close() {}
}
