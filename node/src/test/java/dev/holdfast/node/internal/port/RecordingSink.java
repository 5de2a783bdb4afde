package dev.holdfast.node.internal.port;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.NumberedEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it is told. */
final class RecordingSink implements EventSink {
    final List<NumberedEvent> events = new CopyOnWriteArrayList<>();
    final List<TransportException> breaks = new CopyOnWriteArrayList<>();

    @Override
    public void onEvents(List<NumberedEvent> more) {
        events.addAll(more);
    }

    @Override
    public void onBroken(TransportException cause) {
        breaks.add(cause);
    }
}
