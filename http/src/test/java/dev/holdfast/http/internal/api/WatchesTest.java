package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class WatchesTest {
    private static final SessionId SESSION = new SessionId(7, 1);
    private static final long MINUTE_MS = 60_000;

    private final Leader leader = new Leader();
    private final Watches watches = new Watches(Runnable::run);

    /** Grants waits, and tells of what was not acknowledged. */
    private static final class Leader implements Transport {
        private final List<NumberedEvent> kept = new ArrayList<>();
        private final List<EventSink> sinks = new ArrayList<>();
        private long number;

        void grant(long sequence) {
            NumberedEvent event = new NumberedEvent(
                    ++number, new Event.WaitGranted(sequence, 1000 + sequence, LogTime.NEVER, 1, false));
            kept.add(event);
            List.copyOf(sinks).forEach(sink -> sink.onEvents(List.of(event)));
        }

        void acknowledgeAll() {
            kept.clear();
        }

        @Override
        public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
            sinks.add(sink);
            List<NumberedEvent> missed =
                    kept.stream().filter(event -> event.number() > afterNumber).toList();
            if (!missed.isEmpty()) {
                sink.onEvents(missed);
            }
            return () -> sinks.remove(sink);
        }

        @Override
        public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Answer> query(Query query) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    @Test
    void a_session_that_always_waits_for_something_and_acknowledges_is_served_for_ever() throws Exception {
        CompletableFuture<Event> always = watches.await(leader, SESSION, Long.MAX_VALUE, MINUTE_MS);
        for (long sequence = 1; sequence < 3L * Watches.RESULTS_MAX; sequence++) {
            CompletableFuture<Event> call = watches.await(leader, SESSION, sequence, MINUTE_MS);
            leader.grant(sequence);
            assertThat(call.get())
                    .isInstanceOfSatisfying(
                            Event.WaitGranted.class,
                            granted -> assertThat(granted.token()).isGreaterThan(1000));
            leader.acknowledgeAll();
        }
        leader.grant(Long.MAX_VALUE);
        assertThat(always.get()).isInstanceOf(Event.WaitGranted.class);
        assertThat(leader.sinks).as("nobody waits, and nobody listens").isEmpty();
    }

    @Test
    void a_grant_that_came_between_two_calls_is_told_by_the_second() throws Exception {
        leader.grant(1);
        assertThat(watches.await(leader, SESSION, 1, MINUTE_MS).get()).isInstanceOf(Event.WaitGranted.class);
    }
}
