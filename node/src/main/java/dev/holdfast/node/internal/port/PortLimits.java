package dev.holdfast.node.internal.port;

import dev.holdfast.protocol.Limits;
import java.time.Duration;

/**
 * The bounds of what clients may make a peer keep.
 *
 * @param connectionsMax most connections; one more is told that the peer is busy
 * @param requestsMax most requests under way on one connection; one more fails as busy
 * @param subscriptionsMax most subscriptions on one connection; one more breaks as busy
 * @param unreadBytesMax how many bytes may wait for a client to read its stream; over it, the connection is ended
 * @param unreadBytesOfAllMax the same for all connections together; over it, those that most waits for are ended
 * @param helloTimeout how long a connection may take to say hello
 * @param endTimeout how long a client may take to read the end of its stream, before the stream is reset
 * @param closeGrace how long a closing port waits for requests under way
 */
record PortLimits(
        int connectionsMax,
        int requestsMax,
        int subscriptionsMax,
        long unreadBytesMax,
        long unreadBytesOfAllMax,
        Duration helloTimeout,
        Duration endTimeout,
        Duration closeGrace) {

    private static final long MIB = 1024 * 1024;

    /** What waits is kept as objects, which may be several times as large as their encoding. */
    private static final long HEAP_SHARE = 16;

    /** What suits a peer in production. */
    static PortLimits defaults() {
        return new PortLimits(
                10_000,
                1024,
                Limits.SESSIONS_MAX,
                32 * MIB,
                Math.max(8 * MIB, Math.min(256 * MIB, Runtime.getRuntime().maxMemory() / HEAP_SHARE)),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1));
    }

    PortLimits withConnectionsMax(int max) {
        return new PortLimits(
                max,
                requestsMax,
                subscriptionsMax,
                unreadBytesMax,
                unreadBytesOfAllMax,
                helloTimeout,
                endTimeout,
                closeGrace);
    }

    PortLimits withRequestsMax(int max) {
        return new PortLimits(
                connectionsMax,
                max,
                subscriptionsMax,
                unreadBytesMax,
                unreadBytesOfAllMax,
                helloTimeout,
                endTimeout,
                closeGrace);
    }

    PortLimits withSubscriptionsMax(int max) {
        return new PortLimits(
                connectionsMax,
                requestsMax,
                max,
                unreadBytesMax,
                unreadBytesOfAllMax,
                helloTimeout,
                endTimeout,
                closeGrace);
    }

    PortLimits withUnreadBytesMax(long max) {
        return new PortLimits(
                connectionsMax,
                requestsMax,
                subscriptionsMax,
                max,
                unreadBytesOfAllMax,
                helloTimeout,
                endTimeout,
                closeGrace);
    }

    PortLimits withUnreadBytesOfAllMax(long max) {
        return new PortLimits(
                connectionsMax,
                requestsMax,
                subscriptionsMax,
                unreadBytesMax,
                max,
                helloTimeout,
                endTimeout,
                closeGrace);
    }

    PortLimits withHelloTimeout(Duration timeout) {
        return new PortLimits(
                connectionsMax,
                requestsMax,
                subscriptionsMax,
                unreadBytesMax,
                unreadBytesOfAllMax,
                timeout,
                endTimeout,
                closeGrace);
    }

    PortLimits withEndTimeout(Duration timeout) {
        return new PortLimits(
                connectionsMax,
                requestsMax,
                subscriptionsMax,
                unreadBytesMax,
                unreadBytesOfAllMax,
                helloTimeout,
                timeout,
                closeGrace);
    }

    PortLimits withCloseGrace(Duration grace) {
        return new PortLimits(
                connectionsMax,
                requestsMax,
                subscriptionsMax,
                unreadBytesMax,
                unreadBytesOfAllMax,
                helloTimeout,
                endTimeout,
                grace);
    }
}
