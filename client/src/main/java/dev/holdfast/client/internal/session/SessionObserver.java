package dev.holdfast.client.internal.session;

import dev.holdfast.protocol.Event;

/** Hears of the lives of a client's sessions, as tasks of the serial executor. */
public interface SessionObserver {
    void onSessionOpened(ClientSession session);

    void onSessionSuspect(ClientSession session);

    void onSessionRenewed(ClientSession session);

    /** What the session kept is not held any more. */
    void onSessionLost(ClientSession session);

    /** The client is about to close the session, and must not believe in what it kept from now on. */
    void onSessionClosing(ClientSession session);

    void onHoldLost(Event.HoldLost lost);

    void onReleaseRequested(Event.ReleaseRequested request);
}
