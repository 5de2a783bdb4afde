package dev.holdfast.client.internal.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SerialSinkTest {
    private final TransportException gone = new TransportException(Kind.UNREACHABLE, "gone");

    private final Recorder recorder = new Recorder();
    private final SerialSink sink = new SerialSink(recorder);

    private static List<NumberedEvent> event(long number) {
        return List.of(new NumberedEvent(number, new Event.WaitEnded(number, Event.WaitEnd.TIMED_OUT)));
    }

    @Test
    void the_break_comes_once_and_last() {
        sink.events(event(1));
        sink.broken(gone);
        sink.broken(gone);
        sink.events(event(2));

        assertThat(recorder.calls).containsExactly("event 1", "broken");
    }

    @Test
    void nothing_comes_after_the_close() {
        sink.close();
        sink.events(event(1));
        sink.broken(gone);

        assertThat(recorder.calls).isEmpty();
    }

    @Test
    void a_sink_that_throws_still_hears_the_rest() {
        recorder.fails = true;
        sink.events(event(1));
        recorder.fails = false;
        sink.events(event(2));

        assertThat(recorder.calls).containsExactly("event 1", "event 2");
    }

    @Test
    void a_delivery_from_within_a_delivery_comes_after_it() {
        recorder.during = () -> sink.broken(gone);
        sink.events(event(1));

        assertThat(recorder.calls).containsExactly("event 1", "broken");
    }

    @Test
    void calls_from_many_threads_do_not_overlap() {
        CompletableFuture<?>[] threads = IntStream.range(0, 4)
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 2000; i++) {
                        sink.events(event(i));
                    }
                }))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(threads).join();
        sink.broken(gone);

        assertThat(recorder.overlaps).hasValue(0);
        assertThat(recorder.calls).hasSize(8001);
    }

    private static final class Recorder implements EventSink {
        final List<String> calls = new ArrayList<>();
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger overlaps = new AtomicInteger();
        boolean fails;
        Runnable during = () -> {};

        @Override
        public void onEvents(List<NumberedEvent> events) {
            call("event " + events.get(0).number());
        }

        @Override
        public void onBroken(TransportException cause) {
            call("broken");
        }

        private void call(String what) {
            if (inside.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
            }
            during.run();
            calls.add(what);
            inside.decrementAndGet();
            if (fails) {
                throw new IllegalStateException("a sink that fails, on purpose");
            }
        }
    }
}
