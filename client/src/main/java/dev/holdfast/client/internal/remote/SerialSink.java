package dev.holdfast.client.internal.remote;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.NumberedEvent;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@link EventSink}'s contract towards a sink, whichever thread delivers: calls do not overlap, the break comes last
 * and once, and nothing comes after {@link #close}, save a delivery under way.
 */
final class SerialSink {
    private static final Logger log = LoggerFactory.getLogger(SerialSink.class);

    private final EventSink sink;
    private final Queue<Runnable> deliveries = new ConcurrentLinkedQueue<>();
    private final AtomicInteger deliveriesWanted = new AtomicInteger();
    private volatile boolean over;

    SerialSink(EventSink sink) {
        this.sink = sink;
    }

    void events(List<NumberedEvent> events) {
        deliver(() -> sink.onEvents(events));
    }

    void broken(TransportException cause) {
        deliver(() -> {
            over = true;
            sink.onBroken(cause);
        });
    }

    void close() {
        over = true;
    }

    private void deliver(Runnable delivery) {
        if (over) {
            return;
        }
        deliveries.add(delivery);
        if (deliveriesWanted.getAndIncrement() != 0) {
            return;
        }
        do {
            deliverNext();
        } while (deliveriesWanted.decrementAndGet() != 0);
    }

    private void deliverNext() {
        Runnable delivery = deliveries.poll();
        if (delivery == null || over) {
            return;
        }
        try {
            delivery.run();
        } catch (RuntimeException e) {
            log.warn("An event sink failed.", e);
        }
    }
}
