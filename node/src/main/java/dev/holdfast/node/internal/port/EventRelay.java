package dev.holdfast.node.internal.port;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.v1.EventsFrame;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.wire.WireLimits;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.codec.OutcomeCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One subscription of one connection: turns events into frames. It takes events once it is opened, and while not much waits for
 * the client to read; the connection resumes it.
 */
final class EventRelay implements EventSink {
    private final long subscriptionId;
    private final ClientConnection connection;
    private volatile Transport.@Nullable Subscription subscription;
    private volatile boolean over;

    EventRelay(long subscriptionId, ClientConnection connection) {
        this.subscriptionId = subscriptionId;
        this.connection = connection;
    }

    /** Takes the subscription, which may be over. Its events come when it is resumed. */
    void opened(Transport.Subscription opened) {
        subscription = opened;
        if (over) {
            opened.close();
        }
    }

    /** Takes more of what waits; tells whether to call it again. May wait for others who read the state. */
    boolean resume() {
        Transport.Subscription open = subscription;
        return open != null && !over && open.resume();
    }

    @Override
    public boolean isReady() {
        return subscription != null && connection.hasRoomForEvents();
    }

    void close() {
        over = true;
        Transport.Subscription open = subscription;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void onEvents(List<NumberedEvent> events) {
        int size = events.size();
        for (int from = 0; from < size && !over; from += WireLimits.EVENTS_PER_FRAME_MAX) {
            connection.send(frame(events.subList(from, Math.min(size, from + WireLimits.EVENTS_PER_FRAME_MAX))));
        }
    }

    @Override
    public void onBroken(TransportException cause) {
        if (!over) {
            over = true;
            connection.subscriptionBroken(subscriptionId, cause);
        }
    }

    private ServerFrame frame(List<NumberedEvent> events) {
        EventsFrame.Builder frame = EventsFrame.newBuilder().setSubscriptionId(subscriptionId);
        for (NumberedEvent event : events) {
            frame.addEvents(OutcomeCodec.encode(event));
        }
        return ServerFrame.newBuilder().setEvents(frame).build();
    }
}
