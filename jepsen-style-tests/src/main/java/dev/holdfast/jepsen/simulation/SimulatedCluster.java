package dev.holdfast.jepsen.simulation;

import dev.holdfast.jepsen.simulation.SimulatedPeer.Pending;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.CheckedMachine;
import dev.holdfast.statemachine.LockMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Peers that share one log, with what Raft promises of it: one leader per term, committed entries in one order, and
 * nothing about an entry whose leader was deposed before it was committed. Every committed entry is applied to a
 * watched machine first: the state is checked against the invariants, and the effect against the reference model.
 */
final class SimulatedCluster {
    private static final long BEGIN = TimeUnit.MILLISECONDS.toNanos(150);
    private static final long UNAWARE = TimeUnit.SECONDS.toNanos(4);
    private static final long AWARE_SOON = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LAG = TimeUnit.MILLISECONDS.toNanos(40);
    private static final long WATCH = TimeUnit.MILLISECONDS.toNanos(200);

    /**
     * A committed entry.
     *
     * @param effect what it did to the watched machine
     */
    @SuppressWarnings("ArrayRecordComponent") // Told apart by identity.
    record Committed(long term, byte[] bytes, Applied effect) {}

    /** What every entry is applied to first. */
    private interface Machine {
        Applied apply(long index, long stampMs, Batch batch);

        LockMachine present();
    }

    private static final class Watched implements Machine {
        private final CheckedMachine checked = new CheckedMachine();

        @Override
        public Applied apply(long index, long stampMs, Batch batch) {
            return checked.apply(index, stampMs, batch);
        }

        @Override
        public LockMachine present() {
            return checked.machine();
        }
    }

    private record Unwatched(LockMachine present) implements Machine {
        @Override
        public Applied apply(long index, long stampMs, Batch batch) {
            return present.apply(index, stampMs, batch);
        }
    }

    private final Scheduler scheduler;
    private final SimulatedNetwork network;
    private final Trace trace;
    private final Random random;
    private final List<SimulatedPeer> peers = new ArrayList<>();
    private final List<Committed> log = new ArrayList<>();
    private final Machine machine;
    private @Nullable SimulatedPeer leader;
    private long term;
    private Consumer<Batch> onCommit = batch -> {};

    /** @param watched whether to check each entry's effect against the invariants and the reference model */
    SimulatedCluster(
            Scheduler scheduler, SimulatedNetwork network, Trace trace, Random random, int size, boolean watched) {
        this.machine = watched ? new Watched() : new Unwatched(new LockMachine());
        this.scheduler = scheduler;
        this.network = network;
        this.trace = trace;
        this.random = random;
        for (int i = 0; i < size; i++) {
            // No leader's clock is faster than the time in which histories are written.
            peers.add(new SimulatedPeer(i, this, new Random(random.nextLong()), 1 - 0.004 * random.nextDouble()));
        }
        elect(0);
        watch();
    }

    /** Sets what is called after each committed entry. */
    void onCommit(Consumer<Batch> listener) {
        onCommit = listener;
    }

    Scheduler scheduler() {
        return scheduler;
    }

    SimulatedNetwork network() {
        return network;
    }

    int size() {
        return peers.size();
    }

    SimulatedPeer peer(int number) {
        return peers.get(number);
    }

    long lastIndex() {
        return log.size();
    }

    Committed committed(long index) {
        return log.get((int) index - 1);
    }

    /** The watched machine. */
    LockMachine machine() {
        return machine.present();
    }

    boolean isLedBy(SimulatedPeer peer, long inTerm) {
        return leader == peer && term == inTerm && !peer.process().isDead();
    }

    /** The entry is on a majority, if the peer still leads. */
    void replicated(SimulatedPeer by, Pending pending) {
        if (isLedBy(by, pending.appendedTerm()) && by.uncommitted().contains(pending)) {
            commit(pending);
            long index = lastIndex();
            by.process().run(() -> by.catchUp(index));
            for (SimulatedPeer other : peers) {
                if (other != by) {
                    scheduler.after(random.nextLong(LAG), () -> other.process().run(() -> other.receive(index)));
                }
            }
        }
    }

    private void commit(Pending pending) {
        try {
            LogEntry entry = LogEntry.decode(pending.bytes()).in(pending.appendedTerm());
            trace.add("log", () -> (log.size() + 1) + " in term " + pending.appendedTerm() + ": " + entry);
            Applied effect = machine.apply(log.size() + 1, entry.stampMs(), entry.batch());
            log.add(new Committed(pending.appendedTerm(), pending.bytes(), effect));
            onCommit.accept(entry.batch());
        } catch (MalformedMessageException e) {
            throw new SimulationFailure("an entry does not survive its encoding: " + e);
        }
    }

    /** Begins a new term, led by that peer. A part of what its predecessor had not committed may be committed. */
    void elect(int number) {
        SimulatedPeer next = peers.get(number);
        if (!next.process().isRunning()) {
            return;
        }
        SimulatedPeer old = leader;
        long oldTerm = term;
        term++;
        leader = next;
        trace.add("cluster", () -> next.process().name() + " leads term " + term);
        if (old != null) {
            List<Pending> open = old.uncommitted().stream()
                    .filter(pending -> pending.appendedTerm() == oldTerm)
                    .toList();
            open.subList(0, random.nextInt(open.size() + 1)).forEach(this::commit);
            if (old == next) {
                old.deposed(oldTerm);
            } else {
                long unaware = !network.isHealed() && random.nextBoolean() ? UNAWARE : AWARE_SOON;
                scheduler.after(random.nextLong(unaware), () -> old.process().run(() -> old.deposed(oldTerm)));
            }
        }
        long begun = term;
        // It may have led before, and not know yet that this is over.
        next.deposed(nextLed(next));
        next.lead(begun);
        scheduler.after(
                random.nextLong(BEGIN),
                () -> next.process().run(() -> {
                    if (isLedBy(next, begun)) {
                        next.serve(begun);
                    }
                }));
    }

    /** Crashes the peer. A part of what it had not committed as the leader may be committed. */
    void crash(int number) {
        SimulatedPeer peer = peers.get(number);
        if (leader == peer) {
            List<Pending> open = List.copyOf(peer.uncommitted());
            long led = term;
            open.subList(0, random.nextInt(open.size() + 1)).stream()
                    .filter(pending -> pending.appendedTerm() == led)
                    .forEach(this::commit);
            leader = null;
        }
        peer.crash();
        trace.add("cluster", () -> peer.process().name() + " crashes");
    }

    private long nextLed(SimulatedPeer peer) {
        for (long led = term; led > 0; led--) {
            if (peer.leads(led)) {
                return led;
            }
        }
        return -1;
    }

    /** Elects another peer some time after the leader is gone. */
    private void watch() {
        SimulatedPeer present = leader;
        if ((present == null || !present.process().isRunning()) && random.nextInt(3) == 0) {
            elect(random.nextInt(peers.size()));
        }
        scheduler.after(WATCH, this::watch);
    }

    int leaderNumber() {
        return peers.indexOf(leader);
    }

    /** Brings every peer up to date, and compares their states with each other and with a replay of the whole log. */
    void checkReplicas() {
        String hash = machine().stateHash();
        Replica replayed = new Replica();
        for (long index = 1; index <= lastIndex(); index++) {
            SimulatedPeer.apply(replayed, index, committed(index));
        }
        require(replayed.read(LockMachine::stateHash), hash, "a replay of the log");
        for (SimulatedPeer peer : peers) {
            peer.catchUp(lastIndex());
            require(peer.stateHash(), hash, peer.process().name());
        }
    }

    private static void require(String actual, String expected, String who) {
        if (!actual.equals(expected)) {
            throw new SimulationFailure("the state of " + who + " differs from that of the watched machine");
        }
    }
}
