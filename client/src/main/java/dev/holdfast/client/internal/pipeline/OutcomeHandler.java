package dev.holdfast.client.internal.pipeline;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.protocol.Outcome;

/**
 * Hears what became of one command. Exactly one of {@link #onOutcome} and {@link #onFailure} is called, once, as a task of
 * the client's serial executor; none is called for a command that was {@linkplain Pipeline#abandon abandoned} or
 * {@linkplain Pipeline#settle settled} before.
 */
public interface OutcomeHandler {
    /** Does not care. */
    OutcomeHandler IGNORING = new OutcomeHandler() {
        @Override
        public void onOutcome(Outcome outcome) {}

        @Override
        public void onFailure(LockException failure) {}
    };

    /** The command got its number and is about to be sent for the first time in that pipeline's session. */
    default void onNumbered(Pipeline pipeline, long sequence) {}

    void onOutcome(Outcome outcome);

    /**
     * The command's time is up, and it may have been applied.
     *
     * @return whether to find out all the same: the command is then repeated under its number until its outcome is known or
     *     the session is over; else nothing more is heard of it than a call of {@link #onFailure}
     */
    default boolean onDoubt(LockException failure) {
        return false;
    }

    /**
     * The command failed; the exception tells what is known. An acquire that may have been applied is cancelled by the
     * pipeline already.
     */
    void onFailure(LockException failure);
}
