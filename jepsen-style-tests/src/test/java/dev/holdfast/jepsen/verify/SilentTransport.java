package dev.holdfast.jepsen.verify;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/** Answers keep-alives when it is told to, and nothing else. */
final class SilentTransport implements Transport {
    /** Those that wait for an answer. */
    final Deque<CompletableFuture<KeepAliveReply>> keepAlives = new ArrayDeque<>();

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return new CompletableFuture<>();
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        CompletableFuture<KeepAliveReply> reply = new CompletableFuture<>();
        keepAlives.add(reply);
        return reply;
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        return () -> {};
    }

    @Override
    public void close() {}
}
