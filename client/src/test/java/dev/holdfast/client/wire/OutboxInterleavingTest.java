package dev.holdfast.client.wire;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.support.EveryOrder;
import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.support.LincheckTest;
import dev.holdfast.client.support.Race;
import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.UnsubscribeFrame;
import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Threads of the transport drain an outbox while others offer frames to it and end it. */
class OutboxInterleavingTest {
    private static final ClientFrame FRAME = ClientFrame.newBuilder()
            .setUnsubscribe(UnsubscribeFrame.newBuilder().setSubscriptionId(1))
            .build();

    /** What the scenarios need of an outbox. */
    private interface Out {
        void offer();

        void drain();

        void endWhenSent();

        void endNow();
    }

    @LincheckTest
    void a_frame_offered_before_an_end_is_sent_whoever_drains() {
        Interleavings.explore(() -> offerAndEndWhileDraining(Race.FREE, stream -> new Real(stream)));
    }

    @LincheckTest
    void an_outbox_that_looks_for_an_end_after_its_queue_is_rejected() {
        Interleavings.assertRaceIsFound(() -> offerAndEndWhileDraining(Race.FREE, stream -> new LooksTooLate(stream)));
    }

    @LincheckTest
    void an_end_at_once_is_not_put_off_by_an_end_that_waits() {
        Interleavings.explore(() -> endBothWays(Race.FREE, stream -> new Real(stream)));
    }

    @LincheckTest
    void an_outbox_whose_ends_overwrite_each_other_is_rejected() {
        Interleavings.assertRaceIsFound(() -> endBothWays(Race.FREE, stream -> new LooksTooLate(stream)));
    }

    @LincheckTest
    void frames_of_two_threads_are_all_sent_and_one_at_a_time() {
        Interleavings.explore(() -> offerFromTwoThreads(Race.FREE, stream -> new Real(stream)));
    }

    @LincheckTest
    void an_outbox_that_sends_from_any_thread_is_rejected() {
        Interleavings.assertRaceIsFound(() -> offerFromTwoThreads(Race.FREE, stream -> new Unserialized(stream)));
    }

    @Test
    void in_every_order_of_the_steps_frames_are_sent_and_the_stream_ends_as_told() {
        EveryOrder.holds(race -> offerAndEndWhileDraining(race, stream -> new Real(stream)));
        EveryOrder.holds(race -> endBothWays(race, stream -> new Real(stream)));
        EveryOrder.holds(race -> offerFromTwoThreads(race, stream -> new Real(stream)));
        EveryOrder.breaks(race -> offerAndEndWhileDraining(race, stream -> new LooksTooLate(stream)));
        EveryOrder.breaks(race -> endBothWays(race, stream -> new LooksTooLate(stream)));
        EveryOrder.breaks(race -> offerFromTwoThreads(race, stream -> new Unserialized(stream)));
    }

    private static void offerAndEndWhileDraining(Race race, Function<CountingStream, Out> kind) {
        CountingStream stream = new CountingStream(race, true);
        Out outbox = kind.apply(stream);
        race.together(() -> outbox.drain(), () -> {
            outbox.offer();
            race.pause();
            outbox.endWhenSent();
        });
        require(stream.sent == 1, stream.sent + " frames of 1 sent");
        require(stream.ends == 1, "ended " + stream.ends + " times");
    }

    private static void endBothWays(Race race, Function<CountingStream, Out> kind) {
        CountingStream stream = new CountingStream(race, false);
        Out outbox = kind.apply(stream);
        outbox.offer();
        race.together(() -> outbox.endWhenSent(), () -> outbox.endNow());
        require(stream.ends == 1, "ended " + stream.ends + " times");
    }

    private static void offerFromTwoThreads(Race race, Function<CountingStream, Out> kind) {
        CountingStream stream = new CountingStream(race, true);
        Out outbox = kind.apply(stream);
        race.together(() -> outbox.offer(), () -> outbox.offer());
        require(stream.sent == 2, stream.sent + " frames of 2 sent");
    }

    private static final class Real implements Out {
        private final Outbox<ClientFrame> outbox = new Outbox<>(1_000);

        Real(CountingStream stream) {
            outbox.open(stream);
        }

        @Override
        public void offer() {
            outbox.offer(FRAME);
        }

        @Override
        public void drain() {
            outbox.drain();
        }

        @Override
        public void endWhenSent() {
            outbox.endWhenSent(Status.OK);
        }

        @Override
        public void endNow() {
            outbox.endNow(null, Status.UNAVAILABLE);
        }
    }

    /** The outbox as it once was: the end was looked for after the queue, and set after a check. */
    private static final class LooksTooLate implements Out {
        private enum End {
            WHEN_SENT,
            NOW
        }

        private final ConcurrentLinkedQueue<ClientFrame> queue = new ConcurrentLinkedQueue<>();
        private final AtomicInteger drainsWanted = new AtomicInteger();
        private final CountingStream stream;
        private volatile @Nullable End end;
        private volatile boolean ended;

        LooksTooLate(CountingStream stream) {
            this.stream = stream;
        }

        @Override
        public void offer() {
            queue.add(FRAME);
            drain();
        }

        @Override
        public void endWhenSent() {
            if (end == null) {
                stream.race.pause();
                end = End.WHEN_SENT;
            }
            drain();
        }

        @Override
        public void endNow() {
            end = End.NOW;
            drain();
        }

        @Override
        public void drain() {
            if (drainsWanted.getAndIncrement() == 0) {
                do {
                    send();
                } while (drainsWanted.decrementAndGet() != 0);
            }
        }

        private void send() {
            while (!ended && stream.isReady() && !queue.isEmpty()) {
                stream.onNext(queue.remove());
            }
            boolean all = queue.isEmpty();
            stream.race.pause();
            End wanted = end;
            if (!ended && wanted != null && (all || wanted == End.NOW)) {
                ended = true;
                stream.onCompleted();
            }
        }
    }

    private static final class Unserialized implements Out {
        private final CountingStream stream;

        Unserialized(CountingStream stream) {
            this.stream = stream;
        }

        @Override
        public void offer() {
            stream.onNext(FRAME);
        }

        @Override
        public void drain() {}

        @Override
        public void endWhenSent() {}

        @Override
        public void endNow() {}
    }

    /** Its plain fields are right at the end only if one thread at a time was in it. */
    private static final class CountingStream extends CallStreamObserver<ClientFrame> {
        private final Race race;
        private final boolean ready;
        private int sent;
        private int ends;

        CountingStream(Race race, boolean ready) {
            this.race = race;
            this.ready = ready;
        }

        @Override
        public boolean isReady() {
            race.pause();
            return ready;
        }

        @Override
        public void onNext(ClientFrame frame) {
            int before = sent;
            race.pause();
            sent = before + 1;
        }

        @Override
        public void onError(@Nullable Throwable cause) {
            int before = ends;
            race.pause();
            ends = before + 1;
        }

        @Override
        public void onCompleted() {
            int before = ends;
            race.pause();
            ends = before + 1;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}
    }
}
