package dev.holdfast.bench.micro;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.LockMachine;
import java.util.List;

/** A state machine and the entries that it applies. Its time stands still. */
final class Log {
    private static final long STAMP_MS = 1;
    private static final long LEASE_MS = 10_000;

    private final LockMachine machine = new LockMachine();

    LockMachine machine() {
        return machine;
    }

    Applied apply(Batch batch) {
        return machine.apply(machine.appliedIndex() + 1, STAMP_MS, batch);
    }

    Caller open() {
        SequencedCommand open = new SequencedCommand(0, new Command.OpenSession(LEASE_MS, "host", "bench"));
        SessionId unopened = new SessionId(machine.sessionCount() + 1L, 0);
        Applied applied = apply(Batch.of(new SessionBatch(unopened, 0, 0, List.of(open))));
        Outcome outcome = applied.replies().get(0).outcomes().get(0).outcome();
        return new Caller(Expected.as(Outcome.SessionOpened.class, outcome).session());
    }
}
