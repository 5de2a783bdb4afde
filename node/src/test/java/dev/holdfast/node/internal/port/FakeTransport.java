package dev.holdfast.node.internal.port;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** What is behind a port in these tests: by default a leader that acknowledges everything. */
final class FakeTransport implements Transport {
    final List<SessionBatch> submitted = new CopyOnWriteArrayList<>();
    final List<FakeSubscription> subscriptions = new CopyOnWriteArrayList<>();
    volatile boolean leads = true;

    volatile Function<SessionBatch, CompletableFuture<SubmitReply>> onSubmit =
            batch -> CompletableFuture.completedFuture(acknowledged(batch));
    volatile Function<Query, CompletableFuture<Answer>> onQuery =
            query -> CompletableFuture.completedFuture(new Answer.StateSummary(7, 8, 1, 9, 1, 2, 3, 4, 5, 6));
    volatile Function<SessionId, CompletableFuture<KeepAliveReply>> onKeepAlive =
            session -> CompletableFuture.completedFuture(new KeepAliveReply.Alive(42));

    static SubmitReply acknowledged(SessionBatch batch) {
        return new SubmitReply(
                batch.session(),
                1234,
                batch.commands().stream()
                        .map(c -> new SequencedOutcome(c.sequence(), new Outcome.Acknowledged()))
                        .toList());
    }

    static TransportException notLeading() {
        return new TransportException(Kind.NO_LEADER, "not leading");
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        submitted.add(batch);
        return leads ? onSubmit.apply(batch) : CompletableFuture.failedFuture(notLeading());
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return leads ? onQuery.apply(query) : CompletableFuture.failedFuture(notLeading());
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        return leads ? onKeepAlive.apply(session) : CompletableFuture.failedFuture(notLeading());
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        if (!leads) {
            sink.onBroken(notLeading());
            return () -> {};
        }
        FakeSubscription subscription = new FakeSubscription(session, afterNumber, sink);
        subscriptions.add(subscription);
        return subscription;
    }

    @Override
    public void close() {}

    static final class FakeSubscription implements Subscription {
        final SessionId session;
        final long afterNumber;
        final EventSink sink;
        volatile boolean closed;

        FakeSubscription(SessionId session, long afterNumber, EventSink sink) {
            this.session = session;
            this.afterNumber = afterNumber;
            this.sink = sink;
        }

        void emit(NumberedEvent... events) {
            sink.onEvents(List.of(events));
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
