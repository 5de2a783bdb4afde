package dev.holdfast.http.internal.api;

import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.List;

/** A batch with a single command, which is all that a request by HTTP has, and what became of it. */
final class OneCommand {
    /** One of a caller that has acknowledged nothing. */
    static SessionBatch batch(SessionId session, long sequence, ClientCommand command) {
        return batch(session, sequence, 0, 0, command);
    }

    /**
     * The same of one that has.
     *
     * @param done up to which sequence the caller has the outcomes
     * @param heard up to which number it knows of the events
     */
    static SessionBatch batch(SessionId session, long sequence, long done, long heard, ClientCommand command) {
        return new SessionBatch(session, done, heard, List.of(new SequencedCommand(sequence, command)));
    }

    static Outcome outcome(SubmitReply reply) {
        return reply.outcomes().get(0).outcome();
    }

    /**
     * The outcome, if it is no rejection.
     *
     * @throws Problem if it is one
     */
    static Outcome accepted(SubmitReply reply) {
        Outcome outcome = outcome(reply);
        if (outcome instanceof Outcome.Rejected rejected) {
            throw Problem.of(rejected.code(), rejected.detail());
        }
        return outcome;
    }

    private OneCommand() {}
}
