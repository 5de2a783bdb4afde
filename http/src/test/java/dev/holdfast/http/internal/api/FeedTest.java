package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.node.support.NoTransport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class FeedTest implements Feed.Listener {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final SessionId SESSION = new SessionId(7, 1);

    private final Serial serial = new Serial(Runnable::run);
    private final Leader leader = new Leader();
    private final List<Long> heard = new CopyOnWriteArrayList<>();
    private volatile boolean ready = true;
    private volatile boolean gone;
    private volatile Throwable refused;
    private final Feed feed = new Feed(leader, SESSION, 0, serial, this);

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public void onEvent(NumberedEvent event) {
        heard.add(event.number());
    }

    @Override
    public void onGone() {
        gone = true;
    }

    @Override
    public void onRefused(Throwable cause) {
        refused = cause;
    }

    /** Has the session or not, and remembers who subscribes. */
    private static final class Leader extends NoTransport {
        final List<Long> after = new CopyOnWriteArrayList<>();
        volatile EventSink sink;
        volatile boolean open = true;
        volatile boolean answers = true;

        @Override
        public CompletableFuture<Answer> query(Query query) {
            if (!answers) {
                return CompletableFuture.failedFuture(new TransportException(Kind.NO_LEADER, "none"));
            }
            assertThat(query).isEqualTo(new Query.ListSessions(new SessionId(7, 0), 1));
            return CompletableFuture.completedFuture(new Answer.SessionPage(
                    open
                            ? List.of(new Answer.SessionSummary(SESSION, "", "", "", "", 1, 1, 0, 0))
                            : List.of(new Answer.SessionSummary(new SessionId(7, 2), "", "", "", "", 1, 1, 0, 0)),
                    false));
        }

        @Override
        public Subscription subscribe(SessionId session, long afterNumber, EventSink to) {
            sink = to;
            after.add(afterNumber);
            return () -> {};
        }
    }

    private static List<NumberedEvent> events(long from, long to) {
        return LongStream.rangeClosed(from, to)
                .mapToObj(number -> new NumberedEvent(number, new Event.WaitEnded(number, Event.WaitEnd.TIMED_OUT)))
                .toList();
    }

    private void start() {
        serial.execute(feed::start);
    }

    @Test
    void events_are_heard_once_and_in_order_through_a_break() {
        start();
        leader.sink.onEvents(events(1, 3));
        leader.sink.onEvents(events(3, 4));
        EventSink old = leader.sink;
        old.onBroken(new TransportException(Kind.NO_LEADER, "no longer leads"));
        await().atMost(PATIENCE).until(() -> leader.after.size() == 2);
        assertThat(leader.after).containsExactly(0L, 4L);
        old.onEvents(events(5, 5));
        leader.sink.onEvents(events(4, 6));
        assertThat(heard).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void what_was_acknowledged_is_not_missed_but_a_gap_is() {
        start();
        leader.sink.onEvents(events(8, 8));
        assertThat(heard).containsExactly(8L);
        leader.sink.onEvents(events(10, 10));
        assertThat(heard).containsExactly(8L);
        assertThat(leader.after).containsExactly(0L, 8L);
    }

    @Test
    void a_session_is_gone_only_when_a_leader_says_so() {
        leader.answers = false;
        start();
        leader.sink.onBroken(new TransportException(Kind.NO_LEADER, "session is not open, as far as this peer knows"));
        assertThat(gone).isFalse();
        leader.open = false;
        leader.answers = true;
        await().atMost(PATIENCE).until(() -> gone);
        assertThat(leader.after).containsExactly(0L);
    }

    @Test
    void a_way_that_is_closed_ends_it() {
        start();
        leader.sink.onBroken(new TransportException(Kind.CLOSED, "closed"));
        assertThat(refused).isInstanceOf(TransportException.class).hasMessageContaining("ask again");
    }

    @Test
    void who_is_not_ready_is_spared_and_hears_all_of_it_later() {
        ready = false;
        start();
        List<EventSink> sinks = new ArrayList<>();
        long sent = 0;
        // Somebody who does not ask.
        while (leader.after.size() == 1 && sent < 100_000) {
            sinks.add(leader.sink);
            leader.sink.onEvents(events(sent + 1, sent + 100));
            sent += 100;
            if (sent > 5_000) {
                break;
            }
        }
        assertThat(leader.sink.isReady()).isFalse();
        assertThat(heard).isEmpty();
        ready = true;
        serial.execute(feed::resume);
        assertThat(leader.after).hasSize(2);
        long known = leader.after.get(1);
        assertThat(heard).hasSize((int) known);
        assertThat(known).isBetween(250L, 512L);
        assertThat(leader.sink.isReady()).isTrue();
        leader.sink.onEvents(events(known + 1, known + 2));
        assertThat(heard).hasSize((int) known + 2).isSorted();
    }
}
