package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import dev.holdfast.protocol.codec.BatchCodec;
import dev.holdfast.protocol.codec.MalformedMessageException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A machine whose answers are compared with the model, and whose state is checked against the invariants. */
public final class CheckedMachine {
    private final ReferenceModel model = new ReferenceModel();
    private final InvariantChecker invariants = new InvariantChecker();
    private final Set<LockableKey> lockables = new HashSet<>();
    private final ToldChanges told = new ToldChanges();
    private LockMachine machine = new LockMachine();

    public LockMachine machine() {
        return machine;
    }

    ReferenceModel model() {
        return model;
    }

    /** Continues with another machine that is in the same state. */
    void replaceBy(LockMachine same) {
        machine = same;
    }

    /** Applies the entry after a round trip through the codec. */
    Applied apply(LogEntry entry) {
        long index = machine.appliedIndex() + 1;
        return apply(index, entry.stampMs(), throughCodec(entry.batch()));
    }

    /**
     * Applies an entry.
     *
     * @throws AssertionError if the machine deviates from the model, or an invariant is broken
     */
    public Applied apply(long index, long stampMs, Batch batch) {
        lockables.addAll(lockablesOf(batch));
        Applied actual = machine.apply(index, stampMs, batch);
        Applied expected = model.apply(index, stampMs, batch);
        assertThat(withoutDetails(actual)).isEqualTo(expected);
        told.addAll(actual.changes());
        told.checkAgainst(machine.state);
        invariants.check(machine.state, lockables, model.openSessions());
        for (SessionId session : model.openSessions()) {
            assertThat(machine.eventsAfter(session, 0)).isEqualTo(model.unacknowledged(session));
        }
        assertThat(machine.rules()).containsExactlyInAnyOrderElementsOf(model.rules());
        assertThat(machine.joinTokens()).containsExactlyInAnyOrderElementsOf(model.joins());
        assertThat(machine.state.audit.list().stream().map(CheckedMachine::withoutDetail))
                .isEqualTo(model.audit());
        return actual;
    }

    /** The lockables that the batch acquires; no others can be held or waited for. */
    private static Set<LockableKey> lockablesOf(Batch batch) {
        return batch.sessions().stream()
                .flatMap(session -> session.commands().stream())
                .map(SequencedCommand::command)
                .flatMap(CheckedMachine::lockablesOf)
                .collect(Collectors.toSet());
    }

    private static Stream<LockableKey> lockablesOf(Command command) {
        if (command instanceof Command.AcquireAll all) {
            return all.lockables().stream();
        }
        return command instanceof Command.Acquire || command instanceof Command.Drain
                ? Stream.of(((Command.LockableCommand) command).lockable())
                : Stream.of();
    }

    static Batch throughCodec(Batch batch) {
        try {
            Batch decoded = BatchCodec.decode(BatchCodec.encode(batch, 0), 0);
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
                applied.expiredHolds(),
                List.of());
    }

    private static String withoutDetail(AuditRecord each) {
        return each.principal() + "@" + each.address() + " at " + each.atEpochMs() + ": " + each.action() + " "
                + each.target();
    }

    private static SequencedOutcome withoutDetail(SequencedOutcome sequenced) {
        return sequenced.outcome() instanceof Outcome.Rejected rejected
                ? new SequencedOutcome(sequenced.sequence(), new Outcome.Rejected(rejected.code(), ""))
                : sequenced;
    }
}
