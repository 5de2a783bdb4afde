package dev.holdfast.client.internal.session;

import dev.holdfast.protocol.Event;

/** An acquire that may be queued in the cluster. Called by tasks of the serial executor, at most once in all. */
public interface WaitListener {
    void onWaitGranted(Event.WaitGranted granted);

    void onWaitEnded(Event.WaitEnd reason);

    /** The session is over, and its waiters with it. Not called for an acquire that is still in the pipeline. */
    void onSessionLost();
}
