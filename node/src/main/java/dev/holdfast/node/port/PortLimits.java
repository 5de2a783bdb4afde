package dev.holdfast.node.port;

import dev.holdfast.protocol.Limits;
import java.time.Duration;

/**
 * The bounds of what clients may make a peer keep.
 *
 * @param connectionsMax most connections; one more is told that the peer is busy
 * @param requestsMax most requests under way on one connection; one more fails as busy
 * @param subscriptionsMax most subscriptions on one connection; one more breaks as busy
 * @param unreadBytesMax how many bytes may wait for a client to read its stream; over it, the connection is ended
 * @param helloTimeout how long a connection may take to say hello
 * @param closeGrace how long a closing port waits for requests under way
 */
public record PortLimits(
        int connectionsMax,
        int requestsMax,
        int subscriptionsMax,
        long unreadBytesMax,
        Duration helloTimeout,
        Duration closeGrace) {

    /** What suits a peer in production. */
    public static PortLimits defaults() {
        return new PortLimits(
                10_000, 1024, Limits.SESSIONS_MAX, 32L * 1024 * 1024, Duration.ofSeconds(10), Duration.ofSeconds(1));
    }

    public PortLimits withConnectionsMax(int max) {
        return new PortLimits(max, requestsMax, subscriptionsMax, unreadBytesMax, helloTimeout, closeGrace);
    }

    public PortLimits withRequestsMax(int max) {
        return new PortLimits(connectionsMax, max, subscriptionsMax, unreadBytesMax, helloTimeout, closeGrace);
    }

    public PortLimits withSubscriptionsMax(int max) {
        return new PortLimits(connectionsMax, requestsMax, max, unreadBytesMax, helloTimeout, closeGrace);
    }

    public PortLimits withUnreadBytesMax(long max) {
        return new PortLimits(connectionsMax, requestsMax, subscriptionsMax, max, helloTimeout, closeGrace);
    }

    public PortLimits withHelloTimeout(Duration timeout) {
        return new PortLimits(connectionsMax, requestsMax, subscriptionsMax, unreadBytesMax, timeout, closeGrace);
    }

    public PortLimits withCloseGrace(Duration grace) {
        return new PortLimits(connectionsMax, requestsMax, subscriptionsMax, unreadBytesMax, helloTimeout, grace);
    }
}
