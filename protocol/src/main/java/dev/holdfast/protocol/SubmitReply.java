package dev.holdfast.protocol;

import java.util.List;

/**
 * The outcomes of one {@link SessionBatch}, in the order of its commands.
 *
 * @param logTimeMs the log time at which the batch was applied
 */
public record SubmitReply(SessionId session, long logTimeMs, List<SequencedOutcome> outcomes) {
    public SubmitReply {
        outcomes = List.copyOf(outcomes);
    }
}
