package dev.holdfast.node.leader;

/** Hears how long the batches took that a leader answered. Called on the threads that answer; quick, and does not throw. */
public interface RoundMeter {
    /** Hears nothing. */
    RoundMeter NONE = (queuedNanos, loggedNanos) -> {};

    /**
     * A batch was answered, or has failed.
     *
     * @param queuedNanos how long it waited until it entered the log
     * @param loggedNanos how long it took from then until it was on the disks of a majority and applied here, or had failed
     */
    void answered(long queuedNanos, long loggedNanos);
}
