package dev.holdfast.client.internal.pipeline;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The acquires of one session that are to be undone. Until the cluster has answered the cancellation of one, its outcome
 * must not be acknowledged, or the cluster would not find it any more. Touched by tasks of the serial executor only.
 */
final class Cancellations {
    private final Set<Long> underWay = new LinkedHashSet<>();
    private final LongConsumer onCancelled;

    /** @param onCancelled hears of each acquire of which nothing is left, nor will be */
    Cancellations(LongConsumer onCancelled) {
        this.onCancelled = onCancelled;
    }

    /** Takes note of an acquire that is to be undone. Returns false if it was noted before. */
    boolean add(long acquireSequence) {
        return underWay.add(acquireSequence);
    }

    boolean contains(long acquireSequence) {
        return underWay.contains(acquireSequence);
    }

    List<Long> all() {
        return new ArrayList<>(underWay);
    }

    /** The command that undoes it. It has no deadline: it is repeated for as long as the session lives. */
    PendingCommand commandFor(long acquireSequence) {
        return new PendingCommand(new Command.CancelAcquire(acquireSequence), ClientClock.NEVER, new OutcomeHandler() {
            @Override
            public void onOutcome(Outcome outcome) {
                done(acquireSequence);
            }

            @Override
            public void onFailure(LockException failure) {
                done(acquireSequence);
            }
        });
    }

    private void done(long acquireSequence) {
        underWay.remove(acquireSequence);
        onCancelled.accept(acquireSequence);
    }
}
