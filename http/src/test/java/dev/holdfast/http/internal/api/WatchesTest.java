package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.node.support.NoTransport;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

final class WatchesTest {
    private static final SessionId SESSION = new SessionId(7, 1);
    private static final long MINUTE_MS = 60_000;

    private final Leader leader = new Leader();
    private final Watches watches = new Watches(Runnable::run);

    /** Grants waits, and tells those who listen of what was not acknowledged, a page at a time and while they are ready. */
    private static final class Leader extends NoTransport {
        private static final int PAGE = 128;
        private final List<NumberedEvent> kept = new ArrayList<>();
        private final List<Listening> listening = new ArrayList<>();
        private long number;

        void grant(long sequence) {
            kept.add(new NumberedEvent(
                    ++number, new Event.WaitGranted(sequence, 1000 + sequence, LogTime.NEVER, 1, false)));
            List.copyOf(listening).forEach(Listening::tell);
        }

        void acknowledge(long upTo) {
            kept.removeIf(event -> event.number() <= upTo);
        }

        @Override
        public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
            Listening fresh = new Listening(sink, afterNumber);
            listening.add(fresh);
            fresh.tell();
            return fresh;
        }

        private final class Listening implements Subscription {
            private final EventSink sink;
            private long told;

            Listening(EventSink sink, long after) {
                this.sink = sink;
                this.told = after;
            }

            void tell() {
                while (resume()) {
                    // There is more.
                }
            }

            @Override
            public boolean resume() {
                List<NumberedEvent> page = kept.stream()
                        .filter(event -> event.number() > told)
                        .limit(PAGE)
                        .toList();
                if (page.isEmpty() || !sink.isReady()) {
                    return false;
                }
                told = page.get(page.size() - 1).number();
                sink.onEvents(page);
                return true;
            }

            @Override
            public void close() {
                listening.remove(this);
            }
        }
    }

    @Test
    void a_session_that_always_waits_for_something_and_acknowledges_is_served_for_ever() throws Exception {
        CompletableFuture<Event> always = watches.await(leader, SESSION, Long.MAX_VALUE, 0, MINUTE_MS);
        for (long sequence = 1; sequence < 3L * Watches.RESULTS_MAX; sequence++) {
            CompletableFuture<Event> call = watches.await(leader, SESSION, sequence, leader.number, MINUTE_MS);
            leader.grant(sequence);
            assertThat(call.get())
                    .isInstanceOfSatisfying(
                            Event.WaitGranted.class,
                            granted -> assertThat(granted.token()).isGreaterThan(1000));
            leader.acknowledge(leader.number);
        }
        leader.grant(Long.MAX_VALUE);
        assertThat(always.get()).isInstanceOf(Event.WaitGranted.class);
        assertThat(leader.listening).as("nobody waits, and nobody listens").isEmpty();
    }

    @Test
    void who_acknowledges_nothing_is_refused_until_that_is_done_and_misses_nothing() throws Exception {
        CompletableFuture<Event> always = watches.await(leader, SESSION, Long.MAX_VALUE, 0, MINUTE_MS);
        int granted = 2 * Watches.RESULTS_MAX;
        for (long sequence = 1; sequence <= granted; sequence++) {
            leader.grant(sequence);
        }
        CompletableFuture<Event> late = watches.await(leader, SESSION, granted, 0, MINUTE_MS);
        assertThat(Problem.of(catchThrowable(late::join)).answer().status()).isEqualTo(429);
        assertThat(leader.listening).as("however many ask").hasSize(1);

        // Of those up to there the answers are known.
        long half = leader.number / 2;
        leader.acknowledge(half);
        assertThat(watches.await(leader, SESSION, granted, half, MINUTE_MS).get(1, TimeUnit.MINUTES))
                .isInstanceOf(Event.WaitGranted.class);
        assertThat(leader.listening).hasSize(1);
        assertThat(always).isNotDone();
    }

    @Test
    void waits_that_are_given_up_take_no_room() {
        CompletableFuture<Event> always = watches.await(leader, SESSION, Long.MAX_VALUE, 0, MINUTE_MS);
        for (long sequence = 1; sequence <= 2L * Watches.RESULTS_MAX; sequence++) {
            assertThat(watches.await(leader, SESSION, sequence, 0, 0))
                    .failsWithin(Duration.ofMinutes(1))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(TimeoutException.class);
        }
        assertThat(always).isNotDone();
    }

    @Test
    void a_grant_that_came_between_two_calls_is_told_by_the_second() throws Exception {
        leader.grant(1);
        assertThat(watches.await(leader, SESSION, 1, 0, MINUTE_MS).get()).isInstanceOf(Event.WaitGranted.class);
    }
}
