package dev.holdfast.client.transport;

import dev.holdfast.protocol.NumberedEvent;
import java.util.List;

/**
 * Receives a session's events. Calls for one subscription do not overlap; each must return quickly. After a break an event
 * may be delivered again; its number tells which one it is.
 */
public interface EventSink {
    void onEvents(List<NumberedEvent> events);

    /** The subscription is over: there is no leader here any more, or the way to it broke. Called at most once. */
    void onBroken(TransportException cause);
}
