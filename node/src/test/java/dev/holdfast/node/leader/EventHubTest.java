package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport.Subscription;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class EventHubTest {
    private final Replica replica = new Replica();
    private final EventHub hub = new EventHub(replica);
    private long lastIndex;
    private long lastSequence;
    private SessionId victim;
    private SessionId thief;

    /** What one subscription received. */
    private static final class Sink implements EventSink {
        private final AtomicLong room = new AtomicLong(Long.MAX_VALUE);
        private final AtomicBoolean busy = new AtomicBoolean();
        private final List<Long> numbers = new ArrayList<>();
        private final List<TransportException> breaks = new ArrayList<>();

        @Override
        public void onEvents(List<NumberedEvent> events) {
            assertThat(busy.getAndSet(true)).as("overlapping deliveries").isFalse();
            assertThat(room.getAndDecrement()).as("room for it").isPositive();
            events.forEach(event -> numbers.add(event.number()));
            busy.set(false);
        }

        @Override
        public boolean isReady() {
            return room.get() > 0;
        }

        @Override
        public void onBroken(TransportException cause) {
            breaks.add(cause);
        }
    }

    /**
     * Ratis breaks the feeds off while it holds the lock of its division, for which what a sink does may have to wait: an embedded client
     * sends its next request on the thread that brings it a grant.
     */
    @Test
    @Timeout(120)
    void who_breaks_a_feed_off_does_not_wait_for_what_its_sink_does() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch brokenOff = new CountDownLatch(1);
        List<String> heard = new CopyOnWriteArrayList<>();
        var unused = hub.subscribe(victim, 0, new EventSink() {
            @Override
            public void onEvents(List<NumberedEvent> events) {
                called.countDown();
                try {
                    assertThat(brokenOff.await(1, TimeUnit.MINUTES)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                heard.add("events");
            }

            @Override
            public void onBroken(TransportException cause) {
                heard.add("broken");
            }
        });
        CompletableFuture<Void> applying = CompletableFuture.runAsync(this::rob);
        assertThat(called.await(1, TimeUnit.MINUTES)).isTrue();

        hub.close();
        assertThat(heard).isEmpty();
        brokenOff.countDown();

        applying.get(1, TimeUnit.MINUTES);
        assertThat(heard).containsExactly("events", "broken");
    }

    @Test
    void what_comes_while_a_sink_is_busy_is_taken_by_the_thread_that_is_busy() throws Exception {
        CountDownLatch called = new CountDownLatch(1);
        CountDownLatch more = new CountDownLatch(1);
        List<Long> numbers = new CopyOnWriteArrayList<>();
        List<Thread> threads = new CopyOnWriteArrayList<>();
        Subscription feed = hub.subscribe(victim, 0, taking(events -> {
            threads.add(Thread.currentThread());
            events.forEach(event -> numbers.add(event.number()));
            called.countDown();
            try {
                assertThat(more.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
        CompletableFuture<Void> applying = CompletableFuture.runAsync(this::rob);
        assertThat(called.await(1, TimeUnit.MINUTES)).isTrue();
        for (int i = 0; i < 2 * EventHub.PAGE_EVENTS; i++) {
            rob();
        }
        assertThat(feed.resume()).isFalse();
        more.countDown();

        applying.get(1, TimeUnit.MINUTES);
        assertThat(numbers)
                .isEqualTo(LongStream.rangeClosed(1, 2L * EventHub.PAGE_EVENTS + 1)
                        .boxed()
                        .toList());
        assertThat(threads).doesNotContain(Thread.currentThread());
        rob();
        assertThat(numbers).hasSize(2 * EventHub.PAGE_EVENTS + 2);
    }

    @Test
    void a_sink_that_throws_is_not_busy_for_ever() {
        AtomicBoolean throwing = new AtomicBoolean(true);
        List<Long> numbers = new ArrayList<>();
        Subscription feed = hub.subscribe(victim, 0, taking(events -> {
            if (throwing.getAndSet(false)) {
                throw new IllegalStateException("a sink");
            }
            events.forEach(event -> numbers.add(event.number()));
        }));
        assertThatThrownBy(this::rob).hasMessage("a sink");
        rob();
        assertThat(feed.resume()).isFalse();
        assertThat(numbers).containsExactly(2L);
    }

    private static EventSink taking(Consumer<List<NumberedEvent>> events) {
        return new EventSink() {
            @Override
            public void onEvents(List<NumberedEvent> page) {
                events.accept(page);
            }

            @Override
            public void onBroken(TransportException cause) {}
        };
    }

    @BeforeEach
    void open_sessions() {
        replica.onApplied(applied -> {
            applied.events().forEach(hub::publish);
            applied.ended().forEach(hub::end);
        });
        victim = Batches.opened(apply(Batches.open(1, 60_000)));
        thief = Batches.opened(apply(Batches.open(2, 60_000)));
    }

    private SubmitReply apply(SessionBatch batch) {
        return replica.apply(++lastIndex, 0, Batch.of(batch)).replies().get(0);
    }

    /** The victim holds a lock and loses it: one event more for it. */
    private void rob() {
        long sequence = ++lastSequence;
        SessionBatch hold = Batches.of(victim, sequence, Batches.acquire("k", Lease.UNTIL_RELEASED));
        SessionBatch take =
                Batches.of(thief, new SequencedCommand(sequence, new Command.ForceRelease(LockableKey.mutex("k"), 0)));
        replica.apply(++lastIndex, 0, Batch.of(hold, take));
    }

    /** So many locks at once, in one entry. */
    private void rob(int locks) {
        List<SequencedCommand> holds = new ArrayList<>();
        List<SequencedCommand> thefts = new ArrayList<>();
        for (int i = 0; i < locks; i++) {
            long sequence = ++lastSequence;
            holds.add(new SequencedCommand(sequence, Batches.acquire("k" + i, Lease.UNTIL_RELEASED)));
            thefts.add(new SequencedCommand(sequence, new Command.ForceRelease(LockableKey.mutex("k" + i), 0)));
        }
        replica.apply(
                ++lastIndex, 0, Batch.of(new SessionBatch(victim, 0, 0, holds), new SessionBatch(thief, 0, 0, thefts)));
    }

    private void acknowledgeEvents(long upTo) {
        apply(new SessionBatch(
                victim, 0, upTo, List.of(new SequencedCommand(++lastSequence, new Command.Acknowledge()))));
    }

    private static Long[] numbers(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toArray(Long[]::new);
    }

    @Test
    void a_subscriber_gets_what_waits_and_then_what_happens() {
        rob();
        rob();
        Sink sink = new Sink();
        Subscription subscription = hub.subscribe(victim, 0, sink);
        assertThat(sink.numbers).containsExactly(1L, 2L);

        rob();
        assertThat(sink.numbers).containsExactly(1L, 2L, 3L);
        subscription.close();
        rob();
        assertThat(sink.numbers).containsExactly(1L, 2L, 3L);
        assertThat(sink.breaks).isEmpty();
    }

    @Test
    void a_subscriber_gets_nothing_that_it_has_had() {
        rob();
        rob();
        rob();
        Sink sink = new Sink();
        try (Subscription subscription = hub.subscribe(victim, 2, sink)) {
            assertThat(subscription).isNotNull();
            assertThat(sink.numbers).containsExactly(3L);
        }
    }

    @Test
    void what_was_acknowledged_is_not_kept() {
        rob();
        rob();
        acknowledgeEvents(1);
        Sink sink = new Sink();
        try (Subscription subscription = hub.subscribe(victim, 0, sink)) {
            assertThat(subscription).isNotNull();
            assertThat(sink.numbers).containsExactly(2L);
        }
    }

    @Test
    void a_subscriber_gets_as_much_of_what_waits_as_it_takes_page_by_page() {
        rob(300);
        Sink sink = new Sink();
        sink.room.set(1);
        try (Subscription subscription = hub.subscribe(victim, 0, sink)) {
            assertThat(sink.numbers).containsExactly(numbers(1, 128));
            rob();
            assertThat(subscription.resume()).isFalse();
            assertThat(sink.numbers).containsExactly(numbers(1, 128));

            sink.room.set(1);
            assertThat(subscription.resume()).isTrue();
            assertThat(sink.numbers).containsExactly(numbers(1, 256));
            assertThat(subscription.resume()).isFalse();

            sink.room.set(2);
            assertThat(subscription.resume()).isFalse();
            assertThat(sink.numbers).containsExactly(numbers(1, 301));
            rob();
            assertThat(sink.numbers).containsExactly(numbers(1, 302));
        }
    }

    @Test
    void what_happens_while_a_subscriber_takes_nothing_waits_for_it() {
        Sink sink = new Sink();
        try (Subscription subscription = hub.subscribe(victim, 0, sink)) {
            sink.room.set(0);
            rob();
            rob();
            assertThat(sink.numbers).isEmpty();

            sink.room.set(9);
            rob();
            assertThat(sink.numbers).as("the one before has the precedence").isEmpty();
            subscription.resume();
            assertThat(sink.numbers).containsExactly(1L, 2L, 3L);
            rob();
            assertThat(sink.numbers).containsExactly(1L, 2L, 3L, 4L);
        }
    }

    @Test
    void what_happens_at_once_is_delivered_page_by_page_for_as_long_as_the_subscriber_takes_it() {
        Sink sink = new Sink();
        try (Subscription subscription = hub.subscribe(victim, 0, sink)) {
            sink.room.set(2);
            rob(300);
            assertThat(sink.numbers).containsExactly(numbers(1, 256));
            sink.room.set(1);
            subscription.resume();
            assertThat(sink.numbers).containsExactly(numbers(1, 300));
        }
    }

    @Test
    void a_subscriber_that_takes_nothing_yet_hears_of_an_unknown_session_when_it_does() {
        Sink sink = new Sink();
        sink.room.set(0);
        try (Subscription subscription = hub.subscribe(new SessionId(7, 7), 0, sink)) {
            assertThat(sink.breaks).isEmpty();
            sink.room.set(1);
            assertThat(subscription.resume()).isFalse();
            assertThat(sink.breaks).hasSize(1);
        }
    }

    @Test
    void sessions_hear_only_of_their_own() {
        Sink sink = new Sink();
        try (Subscription subscription = hub.subscribe(thief, 0, sink)) {
            assertThat(subscription).isNotNull();
            rob();
            assertThat(sink.numbers).isEmpty();
        }
    }

    @Test
    void a_subscription_to_an_unknown_session_is_broken_at_once() {
        Sink sink = new Sink();
        Subscription subscription = hub.subscribe(new SessionId(7, 7), 0, sink);

        assertThat(sink.breaks).hasSize(1);
        subscription.close();
    }

    @Test
    void newer_subscriptions_to_a_session_break_the_eldest() {
        List<Sink> sinks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Sink sink = new Sink();
            sinks.add(sink);
            hub.subscribe(victim, 0, sink);
        }
        rob();

        assertThat(sinks.subList(0, 84))
                .allSatisfy(sink ->
                        assertThat(sink.breaks).extracting(b -> b.kind()).containsExactly(Kind.BUSY))
                .allSatisfy(sink -> assertThat(sink.numbers).isEmpty());
        assertThat(sinks.subList(84, 100))
                .allSatisfy(sink -> assertThat(sink.breaks).isEmpty())
                .allSatisfy(sink -> assertThat(sink.numbers).containsExactly(1L));
    }

    @Test
    void the_end_of_a_session_breaks_its_subscriptions() {
        Sink sink = new Sink();
        Subscription subscription = hub.subscribe(victim, 0, sink);
        apply(Batches.of(victim, ++lastSequence, new Command.CloseSession()));

        assertThat(sink.breaks).hasSize(1);
        subscription.close();
        hub.close();
        assertThat(sink.breaks).hasSize(1);
    }

    @Test
    void the_end_of_leadership_breaks_all_subscriptions_once() {
        Sink first = new Sink();
        Sink second = new Sink();
        Subscription one = hub.subscribe(victim, 0, first);
        Subscription two = hub.subscribe(thief, 0, second);

        hub.close();
        hub.close();
        Sink late = new Sink();
        Subscription three = hub.subscribe(victim, 0, late);

        for (Sink sink : List.of(first, second, late)) {
            assertThat(sink.breaks)
                    .singleElement()
                    .satisfies(cause -> assertThat(cause.kind()).isEqualTo(TransportException.Kind.NO_LEADER));
        }
        List.of(one, two, three).forEach(Subscription::close);
    }

    @Test
    void nothing_is_lost_duplicated_or_reordered_while_subscribers_come_and_go() throws InterruptedException {
        subscribersComeAndGo(5_000);
    }

    @RepeatedTest(30)
    @Tag("long")
    void nothing_is_lost_duplicated_or_reordered_while_subscribers_come_and_go_for_long() throws InterruptedException {
        subscribersComeAndGo(20_000);
    }

    private void subscribersComeAndGo(int events) throws InterruptedException {
        List<Throwable> failures = new ArrayList<>();
        List<Thread> subscribers = new ArrayList<>();
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong subscriptions = new AtomicLong();
        for (int i = 0; i < 3; i++) {
            Thread thread = new Thread(() -> {
                try {
                    while (!over.get()) {
                        subscribeForAWhile();
                        subscriptions.incrementAndGet();
                    }
                } catch (RuntimeException | Error e) {
                    synchronized (failures) {
                        failures.add(e);
                    }
                }
            });
            subscribers.add(thread);
            thread.start();
        }
        Sink steady = new Sink();
        Subscription subscription = hub.subscribe(victim, 0, steady);
        Sink reluctant = new Sink();
        reluctant.room.set(0);
        Subscription slow = hub.subscribe(victim, 0, reluctant);
        Thread resumer = new Thread(() -> {
            while (!over.get()) {
                reluctant.room.set(1);
                slow.resume();
            }
        });
        subscribers.add(resumer);
        resumer.start();

        for (int i = 0; i < events; i++) {
            rob();
        }
        over.set(true);
        for (Thread thread : subscribers) {
            thread.join();
        }
        reluctant.room.set(Long.MAX_VALUE);
        while (slow.resume()) {
            // To the end.
        }
        subscription.close();
        slow.close();

        assertThat(failures).isEmpty();
        assertThat(subscriptions).hasPositiveValue();
        assertThat(steady.numbers).containsExactly(numbers(1, events));
        assertThat(reluctant.numbers).containsExactly(numbers(1, events));
    }

    /** Whatever a subscription delivers follows on what its subscriber had, without a gap. */
    private void subscribeForAWhile() {
        long known = replica.read(machine -> {
            List<NumberedEvent> all = machine.eventsAfter(victim, 0);
            return all.isEmpty() ? 0 : ThreadLocalRandom.current().nextLong(all.size() + 1);
        });
        List<Long> received = new ArrayList<>();
        Subscription subscription = hub.subscribe(victim, known, new EventSink() {
            @Override
            public void onEvents(List<NumberedEvent> events) {
                synchronized (received) {
                    events.forEach(event -> received.add(event.number()));
                }
            }

            @Override
            public void onBroken(TransportException cause) {
                throw new AssertionError(cause);
            }
        });
        Thread.yield();
        subscription.close();
        synchronized (received) {
            assertThat(received).containsExactly(numbers(known + 1, known + received.size()));
        }
    }
}
