package dev.holdfast.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.v1.ClientFrame;
import dev.holdfast.client.v1.UnsubscribeFrame;
import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class OutboxTest {
    private static final int FRAME_BYTES = frame(1).getSerializedSize();

    private final FakeStream stream = new FakeStream();
    private final Outbox<ClientFrame> outbox = new Outbox<>(10L * FRAME_BYTES);

    private static ClientFrame frame(long id) {
        return ClientFrame.newBuilder()
                .setUnsubscribe(UnsubscribeFrame.newBuilder().setSubscriptionId(id))
                .build();
    }

    @Test
    void nothing_is_sent_before_the_stream_is_open() {
        outbox.offer(frame(1));
        outbox.offer(frame(2));
        assertThat(stream.sent).isEmpty();

        outbox.open(stream);
        outbox.offer(frame(3));
        assertThat(stream.sent).containsExactly(1L, 2L, 3L);
    }

    @Test
    void frames_wait_while_the_stream_is_not_ready_and_go_in_order_when_it_is() {
        outbox.open(stream);
        stream.ready = false;
        outbox.offer(frame(1));
        outbox.offer(frame(2));
        assertThat(stream.sent).isEmpty();

        stream.ready = true;
        outbox.drain();
        assertThat(stream.sent).containsExactly(1L, 2L);
    }

    @Test
    void what_waits_is_bounded() {
        outbox.open(stream);
        stream.ready = false;
        for (int i = 1; i <= 10; i++) {
            assertThat(outbox.offer(frame(i))).isTrue();
        }
        assertThat(outbox.offer(frame(11))).isFalse();

        stream.ready = true;
        outbox.drain();
        assertThat(outbox.offer(frame(12))).isTrue();
        assertThat(stream.sent).hasSize(11).doesNotContain(11L);
    }

    @Test
    void one_frame_may_be_larger_than_the_bound() {
        Outbox<ClientFrame> narrow = new Outbox<>(1);
        assertThat(narrow.offer(frame(1))).isTrue();
        assertThat(narrow.offer(frame(2))).isFalse();
    }

    @Test
    void a_frame_whose_claim_is_denied_is_dropped() {
        outbox.offer(frame(1), () -> false);
        outbox.offer(frame(2), () -> true);
        outbox.open(stream);

        assertThat(stream.sent).containsExactly(2L);
    }

    @Test
    void an_end_waits_for_what_waits() {
        outbox.open(stream);
        stream.ready = false;
        outbox.offer(frame(1));
        outbox.endWhenSent(Status.OK);
        assertThat(stream.end).isNull();

        stream.ready = true;
        outbox.drain();
        assertThat(stream.sent).containsExactly(1L);
        assertThat(stream.end).isEqualTo(Status.OK);
    }

    @Test
    void an_end_at_once_drops_what_waits_and_says_its_last_word() {
        outbox.open(stream);
        stream.ready = false;
        outbox.offer(frame(1));
        outbox.endWhenSent(Status.OK);
        outbox.endNow(frame(9), Status.UNAVAILABLE);

        assertThat(stream.sent).containsExactly(9L);
        assertThat(stream.end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        outbox.offer(frame(2));
        outbox.endNow(frame(10), Status.UNAVAILABLE);
        assertThat(stream.sent).containsExactly(9L);
        assertThat(stream.ends).isEqualTo(1);
    }

    @Test
    void a_stream_that_is_gone_takes_nothing_more() {
        outbox.open(stream);
        stream.fails = true;
        outbox.offer(frame(1));
        stream.fails = false;
        outbox.offer(frame(2));

        assertThat(stream.sent).isEmpty();
    }

    @Test
    void frames_of_many_threads_are_sent_once_each_and_in_the_order_of_each() {
        Outbox<ClientFrame> wide = new Outbox<>(Long.MAX_VALUE);
        stream.hiccups = true;
        wide.open(stream);
        int perThread = 5000;
        CompletableFuture<?>[] threads = IntStream.range(0, 4)
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < perThread; i++) {
                        wide.offer(frame(thread * 1_000_000L + i));
                    }
                }))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(threads).join();
        stream.hiccups = false;
        wide.drain();

        assertThat(stream.overlaps).hasValue(0);
        for (int thread = 0; thread < 4; thread++) {
            long from = thread * 1_000_000L;
            assertThat(stream.sent.stream().filter(id -> id >= from && id < from + 1_000_000))
                    .containsExactlyElementsOf(
                            LongStream.range(from, from + perThread).boxed().toList());
        }
    }

    private static final class FakeStream extends CallStreamObserver<ClientFrame> {
        final List<Long> sent = new ArrayList<>();
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger overlaps = new AtomicInteger();
        volatile boolean ready = true;
        volatile boolean hiccups;
        boolean fails;
        Status end;
        int ends;
        private int asked;

        @Override
        public boolean isReady() {
            return ready && !(hiccups && asked++ % 3 == 0);
        }

        @Override
        public void onNext(ClientFrame frame) {
            if (inside.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            if (fails) {
                throw new IllegalStateException("call was cancelled");
            }
            sent.add(frame.getUnsubscribe().getSubscriptionId());
            inside.decrementAndGet();
        }

        @Override
        public void onError(Throwable cause) {
            end = Status.fromThrowable(cause);
            ends++;
        }

        @Override
        public void onCompleted() {
            end = Status.OK;
            ends++;
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
