package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionEvents;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.statemachine.Applied;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A subscription begins, and at each step at which it can be interrupted something is published, or this peer ceases to
 * lead. The same scenarios as in {@link EventHubInterleavingTest}, with the steps chosen here.
 */
class EventHubStepsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Where the subscriber stands while the others act. */
    private enum Step {
        BEFORE_IT_BEGINS,
        BEFORE_IT_READS_WHAT_WAITS,
        WHILE_IT_IS_TOLD_WHAT_WAITS,
        WHEN_IT_HAS_SUBSCRIBED
    }

    @ParameterizedTest
    @EnumSource
    void what_is_published_follows_on_what_waits(Step step) {
        Scenario scenario = new Scenario(Hubs.Real::new);
        scenario.interrupt(step, scenario::publish);
        assertThat(scenario.sink.numbers).containsExactly(1L, 2L);
        assertThat(scenario.sink.breaks).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void the_end_of_leadership_breaks_the_subscription_once(Step step) {
        Scenario scenario = new Scenario(Hubs.Real::new);
        scenario.interrupt(step, scenario.hub::close);
        assertThat(scenario.sink.breaks).hasSize(1);
        assertNoGap(scenario.sink.numbers);
    }

    @ParameterizedTest
    @EnumSource
    void what_is_published_before_leadership_ends_leaves_no_gap(Step step) {
        Scenario scenario = new Scenario(Hubs.Real::new);
        scenario.interrupt(step, () -> {
            scenario.publish();
            scenario.hub.close();
        });
        assertThat(scenario.sink.breaks).hasSize(1);
        assertNoGap(scenario.sink.numbers);
    }

    @Test
    void a_hub_that_knows_a_feed_before_it_locks_it_loses_what_waits() {
        Scenario scenario = new Scenario(Hubs.KnownTooEarly::new);
        scenario.interrupt(Step.BEFORE_IT_READS_WHAT_WAITS, scenario::publish);
        assertThatThrownBy(() -> assertNoGap(scenario.sink.numbers)).isInstanceOf(AssertionError.class);
    }

    @Test
    void a_hub_that_knows_a_feed_after_it_has_looked_whether_it_is_closed_never_breaks_it() {
        Scenario scenario = new Scenario(Hubs.KnownTooLate::new);
        scenario.interrupt(Step.BEFORE_IT_READS_WHAT_WAITS, scenario.hub::close);
        assertThat(scenario.sink.breaks).isEmpty();
    }

    private static void assertNoGap(List<Long> numbers) {
        for (int i = 0; i < numbers.size(); i++) {
            assertThat(numbers.get(i)).isEqualTo(i + 1);
        }
    }

    /** One event waits, another has been applied and is about to be published. */
    private static final class Scenario {
        private final Replica replica = new Replica();
        private final Sink sink = new Sink();
        private final Hubs.Hub hub;
        private final SessionId victim;
        private final SessionId thief;
        private final SessionEvents second;
        private long lastIndex;

        Scenario(Function<Replica, Hubs.Hub> kind) {
            hub = kind.apply(replica);
            victim = open(1);
            thief = open(2);
            rob(1);
            second = rob(2);
        }

        private SessionId open(long nonce) {
            return Batches.opened(apply(Batches.open(nonce, 60_000)).replies().get(0));
        }

        private Applied apply(SessionBatch... batches) {
            return replica.apply(++lastIndex, 0, Batch.of(batches));
        }

        /** The victim holds a lock and loses it: one event more for it. */
        private SessionEvents rob(long sequence) {
            Applied applied = apply(
                    Batches.of(victim, sequence, Batches.acquire("k", Lease.UNTIL_RELEASED)),
                    Batches.of(thief, sequence, new Command.ForceRelease(LockableKey.mutex("k"), 0)));
            return applied.events().get(0);
        }

        void publish() {
            hub.publish(second);
        }

        /** Subscribes; at that step the other acts, as far as it gets while the subscriber stands. */
        void interrupt(Step step, Runnable other) {
            CountDownLatch goOn = new CountDownLatch(1);
            Thread subscriber = new Thread(() -> hub.subscribe(victim, sink), "subscriber");
            Thread interrupter = new Thread(other, "interrupter");
            Thread reader = new Thread(() -> replica.read(machine -> waitFor(goOn)), "reader");
            switch (step) {
                case BEFORE_IT_BEGINS -> goOn.countDown();
                case BEFORE_IT_READS_WHAT_WAITS -> {
                    reader.start();
                    awaitStanding(reader);
                    subscriber.start();
                    awaitStanding(subscriber);
                }
                case WHILE_IT_IS_TOLD_WHAT_WAITS -> {
                    sink.goOn = goOn;
                    subscriber.start();
                    awaitStanding(subscriber);
                }
                case WHEN_IT_HAS_SUBSCRIBED -> {
                    subscriber.start();
                    join(subscriber);
                }
            }
            interrupter.start();
            if (step == Step.BEFORE_IT_BEGINS) {
                join(interrupter);
                subscriber.start();
            } else {
                awaitStanding(interrupter);
            }
            goOn.countDown();
            join(subscriber);
            join(interrupter);
            join(reader);
        }

        /** It has ended, or cannot go on until another lets it. */
        private static void awaitStanding(Thread thread) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() ->
                            thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TERMINATED);
        }

        private static void join(Thread thread) {
            try {
                thread.join(PATIENCE.toMillis());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            assertThat(thread.isAlive()).as(thread.getName() + " hangs").isFalse();
        }
    }

    private static boolean waitFor(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Stands in its first delivery, if it is told to, until it may go on. */
    private static final class Sink implements EventSink {
        private final List<Long> numbers = new CopyOnWriteArrayList<>();
        private final List<TransportException> breaks = new CopyOnWriteArrayList<>();
        private volatile CountDownLatch goOn = new CountDownLatch(0);

        @Override
        public void onEvents(List<NumberedEvent> events) {
            waitFor(goOn);
            events.forEach(event -> numbers.add(event.number()));
        }

        @Override
        public void onBroken(TransportException cause) {
            breaks.add(cause);
        }
    }
}
