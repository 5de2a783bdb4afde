package dev.holdfast.bench.micro;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedOutcome;
import dev.holdfast.statemachine.Applied;
import java.util.ArrayList;
import java.util.List;

/** Mutexes that a session of their own acquires and keeps. */
final class Held {
    private static final Owner KEEPER = Owner.of("bench", "keeper");

    static void take(Log log, int holds) {
        Caller keeper = log.open();
        List<ClientCommand> acquires = new ArrayList<>();
        for (int i = 0; i < holds; i++) {
            acquires.add(acquire(LockableKey.mutex("held-" + i), KEEPER, 0));
            if (acquires.size() == Limits.COMMANDS_PER_BATCH_MAX || i == holds - 1) {
                granted(log.apply(Batch.of(keeper.batch(acquires))));
                acquires.clear();
            }
        }
    }

    static Command.Acquire acquire(LockableKey mutex, Owner owner, long waitMs) {
        return new Command.Acquire(mutex, owner, 1, 1, false, Lease.SESSION, waitMs);
    }

    private static void granted(Applied applied) {
        for (SequencedOutcome outcome : applied.replies().get(0).outcomes()) {
            Expected.as(Outcome.Granted.class, outcome.outcome());
        }
    }

    private Held() {}
}
