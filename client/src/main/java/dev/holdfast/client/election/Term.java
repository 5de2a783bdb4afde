package dev.holdfast.client.election;

import dev.holdfast.client.Lockable;
import java.util.concurrent.CompletionStage;

/**
 * One term of office: what this process leads for, from its election to its end. Any thread may call any method.
 *
 * <p>A term belongs to one process. No two terms of one election have the same token, whichever processes lead.
 */
public interface Term {
    /** What the election is about. */
    Lockable lockable();

    /**
     * The number of the term, which is the fencing token of the hold behind it: greater than that of every earlier term. Pass it
     * with every write that only a leader may make, and refuse writes with lower ones there: no election can stop a process that
     * was paused.
     */
    long token();

    /**
     * Whether this process leads right now, as far as it can know. False from the moment when the term ends for whatever reason,
     * and never true again. It follows from the clock at the time of the call, and not from a timer: a process that was paused
     * beyond the end is told so at once. The clock is the client's, which counts from before each renewal was sent; if it stands
     * still while its machine is suspended, as that of Linux does, only the token protects after a suspension.
     */
    boolean isCurrent();

    /**
     * Completes with the reason as soon as the term ends, also while {@link ElectionListener#onElected} runs. Its dependents run on
     * the client's callback executor, as those of {@link dev.holdfast.client.LockHandle#lossSignal}.
     */
    CompletionStage<RevokeReason> ended();
}
