package dev.holdfast.client.internal.remote;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;

/** A subscription at one peer. */
final class PeerSubscription implements Transport.Subscription {
    private final SerialSink sink;
    private final Runnable unsubscribe;

    /** {@code unsubscribe} tells the peer, if it has to be told; it may be run more than once. */
    PeerSubscription(SerialSink sink, Runnable unsubscribe) {
        this.sink = sink;
        this.unsubscribe = unsubscribe;
    }

    /** Ends it on the client's own account, and tells the sink why. */
    void breakOff(TransportException cause) {
        unsubscribe.run();
        sink.broken(cause);
    }

    @Override
    public void close() {
        sink.close();
        unsubscribe.run();
    }
}
