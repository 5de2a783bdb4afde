package dev.holdfast.client;

/**
 * Hears what happens to the client's session, which keeps its holds. Called on the client's callback executor, one call after
 * the other; a listener that blocks holds up no other one. If the cluster has several groups, it hears of the session in each; a handle reports on its own hold.
 */
public interface SessionListener {
    /** A session was opened: the first, or one after a loss. */
    default void onOpened() {}

    /** The session was not confirmed for half of its lease; its holds are {@link HoldState#SUSPECT}. */
    default void onSuspect() {}

    /** A suspect session was confirmed. */
    default void onRenewed() {}

    /** The session is lost, and with it every hold that it kept. The next operation opens another. */
    default void onLost() {}
}
