package dev.holdfast.node.support;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.concurrent.CompletableFuture;

/** A way to a leader that is not to be used but for what a test overrides. */
public class NoTransport implements Transport {
    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        throw new AssertionError("nobody submits anything");
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        throw new AssertionError("nobody asks anything");
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        throw new AssertionError("nobody keeps anything alive");
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        throw new AssertionError("nobody subscribes to anything");
    }

    @Override
    public void close() {}
}
