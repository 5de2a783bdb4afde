package dev.holdfast.node.leader;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A subscription begins while events are published, and while this peer ceases to lead. */
@Tag("long")
class EventHubInterleavingTest {
    private static final LockableKey KEY = LockableKey.mutex("k");

    @Test
    void a_subscription_gets_what_waits_and_then_what_happens() {
        Interleavings.explore(() -> publishWhileSubscribing(replica -> new Hubs.Real(replica)));
    }

    @Test
    void a_hub_that_knows_a_feed_before_it_locks_it_is_rejected() {
        Interleavings.assertRaceIsFound(() -> publishWhileSubscribing(replica -> new Hubs.KnownTooEarly(replica)));
    }

    @Test
    void the_end_of_leadership_breaks_a_subscription_that_begins_just_then_once() {
        Interleavings.explore(() -> closeWhileSubscribing(replica -> new Hubs.Real(replica)));
    }

    @Test
    void a_hub_that_looks_only_once_whether_it_is_closed_is_rejected() {
        Interleavings.assertRaceIsFound(() -> closeWhileSubscribing(replica -> new Hubs.KnownTooEarly(replica)));
    }

    private static void publishWhileSubscribing(Function<Replica, Hubs.Hub> kind) {
        Cluster cluster = new Cluster(kind);
        cluster.rob();
        Sink sink = new Sink();
        Interleavings.together(() -> cluster.hub.subscribe(cluster.victim, sink), () -> cluster.rob());
        require(sink.numbers.equals(List.of(1L, 2L)), "received: " + sink.numbers);
    }

    private static void closeWhileSubscribing(Function<Replica, Hubs.Hub> kind) {
        Cluster cluster = new Cluster(kind);
        Sink sink = new Sink();
        Interleavings.together(() -> cluster.hub.subscribe(cluster.victim, sink), () -> cluster.hub.close());
        require(sink.breaks == 1, "broken " + sink.breaks + " times");
    }

    /** A replica with two sessions, and a hub that hears of what it applies. */
    private static final class Cluster {
        private final Replica replica = new Replica();
        private final Hubs.Hub hub;
        private final SessionId victim;
        private final SessionId thief;
        private long lastIndex;
        private long lastSequence;

        Cluster(Function<Replica, Hubs.Hub> kind) {
            hub = kind.apply(replica);
            victim = open(1);
            thief = open(2);
            replica.onApplied(applied -> applied.events().forEach(events -> hub.publish(events)));
        }

        private SessionId open(long nonce) {
            SessionBatch batch = batch(new SessionId(nonce, 0), 0, new Command.OpenSession(60_000, "host", "name"));
            Outcome outcome = replica.apply(++lastIndex, 0, Batch.of(batch))
                    .replies()
                    .get(0)
                    .outcomes()
                    .get(0)
                    .outcome();
            return ((Outcome.SessionOpened) outcome).session();
        }

        private static SessionBatch batch(SessionId session, long sequence, Command.ClientCommand command) {
            return new SessionBatch(session, 0, 0, List.of(new SequencedCommand(sequence, command)));
        }

        /** The victim holds a lock and loses it: one event more for it. */
        void rob() {
            long sequence = ++lastSequence;
            Command.Acquire acquire =
                    new Command.Acquire(KEY, Owner.of("user", "alice"), 1, 1, false, Lease.UNTIL_RELEASED, 0);
            replica.apply(
                    ++lastIndex,
                    0,
                    Batch.of(
                            batch(victim, sequence, acquire),
                            batch(thief, sequence, new Command.ForceRelease(KEY, 0))));
        }
    }

    private static final class Sink implements EventSink {
        private final List<Long> numbers = new ArrayList<>();
        private int breaks;

        @Override
        public void onEvents(List<NumberedEvent> events) {
            events.forEach(event -> numbers.add(event.number()));
        }

        @Override
        public void onBroken(TransportException cause) {
            breaks++;
        }
    }
}
