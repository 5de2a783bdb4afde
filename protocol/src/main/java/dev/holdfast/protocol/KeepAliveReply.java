package dev.holdfast.protocol;

/** The answer to a keep-alive. Only a leader whose leadership was confirmed after the keep-alive arrived gives one. */
public sealed interface KeepAliveReply {
    /**
     * The session lives for its full lease, counted from when the keep-alive was sent.
     *
     * @param logTimeMs the leader's log time after the keep-alive arrived
     */
    record Alive(long logTimeMs) implements KeepAliveReply {}

    /** The session is gone, or about to be. */
    record Gone() implements KeepAliveReply {}
}
