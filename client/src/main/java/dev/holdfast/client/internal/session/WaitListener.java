package dev.holdfast.client.internal.session;

import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Outcome;

/** An acquire that may be queued in the cluster. Called by tasks of the serial executor, at most once in all. */
public interface WaitListener {
    /** @param granted an {@link Outcome.Granted}, or an {@link Outcome.GrantedAll} of several lockables */
    void onWaitGranted(Outcome granted);

    void onWaitEnded(Event.WaitEnd reason);

    /** The session is over, and its waiters with it. Not called for an acquire that is still in the pipeline. */
    void onSessionLost();
}
