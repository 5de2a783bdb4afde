package dev.holdfast.node.internal.port;

import dev.holdfast.protocol.Limits;
import java.time.Duration;

/** The bounds of what clients may make a peer keep. Immutable: each {@code with} returns a copy. */
final class PortLimits implements Cloneable {
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;

    /** What waits is kept as objects, which may be several times as large as their encoding. */
    private static final long HEAP_SHARE = 16;

    private int connectionsMax = 10_000;
    private int socketsMax = 11_000;
    private int socketsPerAddressMax = 2_500;
    private int requestsMax = 1024;
    private int queriesMax = 512;
    private int subscriptionsMax = Limits.SESSIONS_MAX;
    private long unreadBytesMax = 32 * MIB;
    private long unreadBytesOfAllMax =
            Math.max(8 * MIB, Math.min(256 * MIB, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
    private long eventBytesMax = 256 * KIB;
    private Duration readTimeout = Duration.ofSeconds(60);
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private Duration helloTimeout = Duration.ofSeconds(10);
    private Duration identityTimeout = Duration.ofSeconds(60);
    private Duration endTimeout = Duration.ofSeconds(5);
    private Duration closeGrace = Duration.ofSeconds(1);

    private PortLimits() {}

    /** What suits a peer in production. */
    static PortLimits defaults() {
        return new PortLimits();
    }

    /** Most clients; one more is told that the peer is busy. */
    int connectionsMax() {
        return connectionsMax;
    }

    /** Most connections at the level of HTTP/2, with those that are no clients yet; one more is cut off. */
    int socketsMax() {
        return socketsMax;
    }

    /** The same for those from one address. */
    int socketsPerAddressMax() {
        return socketsPerAddressMax;
    }

    /** Most requests under way on one connection; one more fails as busy. */
    int requestsMax() {
        return requestsMax;
    }

    /** The same for queries, which are among them. */
    int queriesMax() {
        return queriesMax;
    }

    /** Most subscriptions on one connection; one more breaks as busy. */
    int subscriptionsMax() {
        return subscriptionsMax;
    }

    /** How many bytes may wait for a client to read its stream; over it, the connection is ended. */
    long unreadBytesMax() {
        return unreadBytesMax;
    }

    /** The same for all connections together; over it, those that most waits for are ended. */
    long unreadBytesOfAllMax() {
        return unreadBytesOfAllMax;
    }

    /** While that many bytes wait for a client to read its stream, no more events are added. */
    long eventBytesMax() {
        return eventBytesMax;
    }

    /** How long a client may read nothing of what waits for it. It may take as long again until that is noticed. */
    Duration readTimeout() {
        return readTimeout;
    }

    /** How long a connection may take to begin to speak HTTP/2. */
    Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** How long a connection may take to say hello. */
    Duration helloTimeout() {
        return helloTimeout;
    }

    /** After how long it is asked again whether a client is still who it was. */
    Duration identityTimeout() {
        return identityTimeout;
    }

    /** How long a client may take to read the end of its stream, before the stream is reset. */
    Duration endTimeout() {
        return endTimeout;
    }

    /** How long a closing port waits for requests under way. */
    Duration closeGrace() {
        return closeGrace;
    }

    PortLimits withConnectionsMax(int max) {
        PortLimits changed = copy();
        changed.connectionsMax = max;
        return changed;
    }

    PortLimits withIdentityTimeout(Duration timeout) {
        PortLimits changed = copy();
        changed.identityTimeout = timeout;
        return changed;
    }

    PortLimits withSocketsPerAddressMax(int max) {
        PortLimits changed = copy();
        changed.socketsPerAddressMax = max;
        return changed;
    }

    PortLimits withRequestsMax(int max) {
        PortLimits changed = copy();
        changed.requestsMax = max;
        return changed;
    }

    PortLimits withQueriesMax(int max) {
        PortLimits changed = copy();
        changed.queriesMax = max;
        return changed;
    }

    PortLimits withSubscriptionsMax(int max) {
        PortLimits changed = copy();
        changed.subscriptionsMax = max;
        return changed;
    }

    PortLimits withUnreadBytesMax(long max) {
        PortLimits changed = copy();
        changed.unreadBytesMax = max;
        return changed;
    }

    PortLimits withUnreadBytesOfAllMax(long max) {
        PortLimits changed = copy();
        changed.unreadBytesOfAllMax = max;
        return changed;
    }

    PortLimits withEventBytesMax(long max) {
        PortLimits changed = copy();
        changed.eventBytesMax = max;
        return changed;
    }

    PortLimits withReadTimeout(Duration time) {
        PortLimits changed = copy();
        changed.readTimeout = time;
        return changed;
    }

    PortLimits withHandshakeTimeout(Duration time) {
        PortLimits changed = copy();
        changed.handshakeTimeout = time;
        return changed;
    }

    PortLimits withHelloTimeout(Duration time) {
        PortLimits changed = copy();
        changed.helloTimeout = time;
        return changed;
    }

    PortLimits withEndTimeout(Duration time) {
        PortLimits changed = copy();
        changed.endTimeout = time;
        return changed;
    }

    PortLimits withCloseGrace(Duration time) {
        PortLimits changed = copy();
        changed.closeGrace = time;
        return changed;
    }

    private PortLimits copy() {
        try {
            return (PortLimits) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
