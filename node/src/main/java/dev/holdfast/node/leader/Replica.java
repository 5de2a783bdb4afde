package dev.holdfast.node.leader;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Rule;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.LockMachine;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's copy of the state machine and the one lock around it. Entries are applied by one thread, in log order; anyone
 * may read.
 *
 * <p>See {@code docs/adr/004-snapshots-by-saved-pre-images.md}.
 */
public final class Replica {
    private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

    /** Fair: otherwise a reader that returns at once, as a snapshot's writer does, would overtake the applying thread. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private LockMachine machine = new LockMachine();

    /** Of the machine, for those who need not wait behind its readers to learn it. */
    private volatile long nextDeadlineMs = machine.nextDeadlineMs();

    private volatile List<Rule> rules = machine.rules();
    private volatile long lastAudited = machine.lastAudited();

    /** What happened of late, as this peer has seen it. */
    private final History history;

    private volatile Consumer<Applied> listener = applied -> {};
    private volatile Meter meter = (batch, applied, nanos) -> {};

    public Replica() {
        this(History.BYTES_DEFAULT);
    }

    /** @param historyBytes about how many bytes it takes at most to remember what happened of late */
    public Replica(int historyBytes) {
        this.history = new History(historyBytes);
    }

    /** Hears of each entry, on the applying thread, outside the lock, before the listener does. */
    public interface Meter {
        /** @param nanos how long it took */
        void applied(Batch batch, Applied applied, long nanos);
    }

    /** Sets the listener that the applying thread calls right after each entry, outside the lock. */
    public void onApplied(Consumer<Applied> newListener) {
        listener = newListener;
    }

    public void measureWith(Meter newMeter) {
        meter = newMeter;
    }

    public Applied apply(long index, long stampMs, Batch batch) {
        long start = System.nanoTime();
        Applied applied;
        lock.lock();
        try {
            applied = machine.apply(index, stampMs, batch);
            nextDeadlineMs = machine.nextDeadlineMs();
            rules = machine.rules();
            lastAudited = machine.lastAudited();
        } finally {
            lock.unlock();
        }
        remember(applied);
        meter.applied(batch, applied, System.nanoTime() - start);
        listener.accept(applied);
        return applied;
    }

    /** Runs the function on the machine, under the lock. It must be short, and must not apply. */
    public <T> T read(Function<LockMachine, T> function) {
        lock.lock();
        try {
            return function.apply(machine);
        } finally {
            lock.unlock();
        }
    }

    /** All peers apply the same, and a fault in what only tells of it must not end all of them. */
    private void remember(Applied applied) {
        try {
            history.add(applied);
        } catch (RuntimeException e) {
            LOG.warn("What entry {} changed could not be noted in the history, which begins anew", applied.index(), e);
            history.restart(applied.logTimeMs());
        }
    }

    /** What happened of late, as far as this peer knows: all that was applied since it has this state. */
    History history() {
        return history;
    }

    /** {@link LockMachine#nextDeadlineMs} after the last entry. Does not block. */
    public long nextDeadlineMs() {
        return nextDeadlineMs;
    }

    /** {@link LockMachine#rules} after the last entry: the same object, unless they have changed. Does not block. */
    public List<Rule> rules() {
        return rules;
    }

    /** {@link LockMachine#lastAudited} after the last entry. Does not block. */
    public long lastAudited() {
        return lastAudited;
    }

    public void skipTo(long index) {
        lock.lock();
        try {
            machine.skipTo(index);
        } finally {
            lock.unlock();
        }
    }

    /** Continues from another state, such as a snapshot's. */
    public void replace(LockMachine restored) {
        lock.lock();
        try {
            machine = restored;
            nextDeadlineMs = restored.nextDeadlineMs();
            rules = restored.rules();
            lastAudited = restored.lastAudited();
            history.restart(restored.logTimeMs());
        } finally {
            lock.unlock();
        }
    }
}
