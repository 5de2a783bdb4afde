package dev.holdfast.client.internal.pipeline;

import dev.holdfast.protocol.SessionId;

/** The session that a {@link Pipeline} serves. Called by tasks of the serial executor. */
public interface PipelineHost {
    SessionId id();

    /** The cluster may forget every event up to this number. */
    long eventsDoneWith();

    /**
     * Whether the session is still believed in, which a timer may be late to tell after a long pause of the process. Ends
     * the session, and its pipeline, if not.
     */
    boolean checkAlive();

    /**
     * A batch was answered; its outcomes are handed out right after.
     *
     * @param sentNanos when the first attempt that may have been answered was sent
     */
    void onReply(long sentNanos, long logTimeMs);

    /** Nothing is left in the cluster of that acquire, nor will be. */
    void onCancelled(long acquireSequence);

    /** The cluster does not know the session. Called when all commands of the batch have been dealt with. */
    void onSessionUnknown();
}
