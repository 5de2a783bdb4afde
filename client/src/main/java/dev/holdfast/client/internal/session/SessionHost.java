package dev.holdfast.client.internal.session;

import dev.holdfast.client.internal.lease.LogClock;
import dev.holdfast.protocol.Event;

/** The client that a {@link ClientSession} works for. Called by tasks of the serial executor. */
interface SessionHost {
    LogClock logClock();

    /** The session was not confirmed for half of its lease. */
    void onSessionSuspect(ClientSession session);

    /** A suspect session was confirmed. */
    void onSessionRenewed(ClientSession session);

    /** The session is over, and what it kept is not held any more. */
    void onSessionLost(ClientSession session);

    /** All commands and waits of a lost session have been dealt with; another session may be opened. */
    void onSessionEnded(ClientSession session);

    void onHoldLost(Event.HoldLost lost);

    void onReleaseRequested(Event.ReleaseRequested request);
}
