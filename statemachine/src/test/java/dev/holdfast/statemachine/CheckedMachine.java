package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.CommandCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import java.util.List;

/** A machine under watch: what it answers is compared with the model, and its state with the invariants. */
final class CheckedMachine {
    private final ReferenceModel model = new ReferenceModel();
    private final InvariantChecker invariants = new InvariantChecker();
    private LockMachine machine = new LockMachine();

    LockMachine machine() {
        return machine;
    }

    ReferenceModel model() {
        return model;
    }

    /** Goes on with another machine that is in the same state. */
    void replaceBy(LockMachine same) {
        machine = same;
    }

    /** Applies the entry as it comes out of the codec. */
    Applied apply(LogEntry entry) {
        long index = machine.appliedIndex() + 1;
        Applied actual = machine.apply(index, entry.stampMs(), throughCodec(entry.batch()));
        Applied expected = model.apply(index, entry.stampMs(), entry.batch());
        assertThat(withoutDetails(actual)).isEqualTo(expected);
        invariants.check(machine.state, RandomLog.LOCKABLES, model.openSessions());
        for (SessionId session : model.openSessions()) {
            assertThat(machine.eventsAfter(session, 0)).isEqualTo(model.unacknowledged(session));
        }
        return actual;
    }

    static Batch throughCodec(Batch batch) {
        try {
            Batch decoded = CommandCodec.decodeBatch(
                    ByteString.copyFrom(CommandCodec.encode(batch).toByteArray()));
            assertThat(decoded).isEqualTo(batch);
            return decoded;
        } catch (MalformedMessageException e) {
            throw new AssertionError("a batch does not survive the codec: " + batch, e);
        }
    }

    private static Applied withoutDetails(Applied applied) {
        List<SubmitReply> replies = applied.replies().stream()
                .map(reply -> new SubmitReply(
                        reply.session(),
                        reply.logTimeMs(),
                        reply.outcomes().stream()
                                .map(CheckedMachine::withoutDetail)
                                .toList()))
                .toList();
        return new Applied(
                applied.index(),
                applied.logTimeMs(),
                replies,
                applied.events(),
                applied.opened(),
                applied.ended(),
                applied.expiredHolds());
    }

    private static SequencedOutcome withoutDetail(SequencedOutcome sequenced) {
        return sequenced.outcome() instanceof Outcome.Rejected rejected
                ? new SequencedOutcome(sequenced.sequence(), new Outcome.Rejected(rejected.code(), ""))
                : sequenced;
    }
}
