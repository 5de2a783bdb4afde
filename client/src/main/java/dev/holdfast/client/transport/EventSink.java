package dev.holdfast.client.transport;

import dev.holdfast.protocol.NumberedEvent;
import java.util.List;

/**
 * Receives a session's events. Calls for one subscription do not overlap; each must return quickly. After a break an event
 * may be delivered again; its number tells which one it is.
 */
public interface EventSink {
    void onEvents(List<NumberedEvent> events);

    /**
     * Whether it takes events now. A source may ask before each delivery. If the answer is no, it keeps what follows until {@link
     * Transport.Subscription#resume} is called, which the sink has to see to once it takes events again.
     */
    default boolean isReady() {
        return true;
    }

    /** The subscription is over: there is no leader here any more, or the way to it broke. Called at most once. */
    void onBroken(TransportException cause);
}
