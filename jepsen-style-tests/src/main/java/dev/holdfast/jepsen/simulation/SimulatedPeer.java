package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.node.leader.ReplicatedLog;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.CorruptSnapshotException;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.SnapshotImage;
import dev.holdfast.statemachine.SnapshotRestore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A peer: the real replica and the real leader's code, and as much of Raft as they can see. */
final class SimulatedPeer implements ReplicatedLog {
    private static final long ROUND = TimeUnit.MILLISECONDS.toNanos(8);
    private static final long STALL = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long DEAF = TimeUnit.SECONDS.toNanos(1);

    /** An entry that this peer took as the leader of a term. */
    @SuppressWarnings("ArrayRecordComponent") // Told apart by identity.
    record Pending(long appendedTerm, byte[] bytes, CompletableFuture<Applied> applied) {}

    private record Snapshot(long index, List<byte[]> pieces) {}

    private final int number;
    private final SimulatedCluster cluster;
    private final Random random;
    private final double clockSpeed;
    private SimulatedProcess process;
    private Replica replica = new Replica();
    private LocalLeader door = new LocalLeader();

    /** The term that this peer leads, as far as it knows; else 0. */
    private long ledTerm;

    private final List<Pending> uncommitted = new ArrayList<>();
    private long stalledUntilNanos;
    private long stalledForNanos;
    private @Nullable Snapshot snapshot;
    private @Nullable SnapshotCapture capture;
    private List<SnapshotImage> captured = new ArrayList<>();

    SimulatedPeer(int number, SimulatedCluster cluster, Random random, double clockSpeed) {
        this.number = number;
        this.cluster = cluster;
        this.random = random;
        this.clockSpeed = clockSpeed;
        this.process = newProcess();
        listen();
    }

    private SimulatedProcess newProcess() {
        return new SimulatedProcess(cluster.scheduler(), "peer " + number, clockSpeed);
    }

    private void listen() {
        LocalLeader listening = door;
        replica.onApplied(applied -> {
            LeaderTerm serving = listening.term();
            if (serving != null) {
                serving.applied(applied);
            }
        });
    }

    SimulatedProcess process() {
        return process;
    }

    /** Where clients ask. */
    Transport door() {
        return door;
    }

    long appliedIndex() {
        return replica.read(LockMachine::appliedIndex);
    }

    String stateHash() {
        return replica.read(LockMachine::stateHash);
    }

    List<Pending> uncommitted() {
        return uncommitted;
    }

    // ---- the log

    @Override
    public CompletableFuture<Applied> append(long term, long stampMs, Batch batch) {
        byte[] bytes = new LogEntry(term, stampMs, batch).encode();
        CompletableFuture<Applied> applied = new CompletableFuture<>();
        long stall = stallNanos();
        if (stall > 0) {
            cluster.scheduler().after(stall, () -> process.run(() -> take(bytes, applied)));
        } else {
            take(bytes, applied);
        }
        return applied;
    }

    /** How long its thread is stalled between the stamp and the append, so that the entry may land in a later term. */
    private long stallNanos() {
        long now = cluster.scheduler().nowNanos();
        if (now < stalledUntilNanos) {
            return stalledUntilNanos - now + stalledForNanos + random.nextLong(STALL);
        }
        return !cluster.network().isHealed() && random.nextInt(20) == 0 ? random.nextLong(DEAF) : 0;
    }

    /** What is appended from now until then is so much later than that. */
    void stall(long untilNanos, long forNanos) {
        stalledUntilNanos = untilNanos;
        stalledForNanos = forNanos;
    }

    private void take(byte[] bytes, CompletableFuture<Applied> applied) {
        if (ledTerm == 0) {
            applied.completeExceptionally(new TransportException(TransportException.Kind.NO_LEADER, "no leader"));
            return;
        }
        Pending pending = new Pending(ledTerm, bytes, applied);
        uncommitted.add(pending);
        cluster.scheduler().after(1 + random.nextLong(ROUND), () -> cluster.replicated(this, pending));
    }

    @Override
    public CompletableFuture<Void> confirmLeadership(long term) {
        CompletableFuture<Void> confirmed = new CompletableFuture<>();
        Scheduler scheduler = cluster.scheduler();
        scheduler.after(random.nextLong(ROUND), () -> {
            boolean stillLed = cluster.isLedBy(this, term);
            // A majority that knows of a later term does not answer, or says so.
            long answered = stillLed || random.nextBoolean() ? random.nextLong(ROUND) : DEAF;
            scheduler.after(
                    answered,
                    () -> process.run(() -> {
                        if (stillLed && ledTerm == term) {
                            confirmed.complete(null);
                        } else {
                            confirmed.completeExceptionally(
                                    new TransportException(TransportException.Kind.NO_LEADER, "deposed"));
                        }
                    }));
        });
        return confirmed;
    }

    /**
     * Learns that everything up to that entry is committed. A peer that wrongly believes that it leads learns nothing.
     */
    void receive(long index) {
        if (ledTerm == 0) {
            catchUp(index);
        }
    }

    /** Applies what is committed, up to that entry. */
    void catchUp(long index) {
        while (appliedIndex() < index) {
            long next = appliedIndex() + 1;
            SimulatedCluster.Committed entry = cluster.committed(next);
            Applied applied = apply(replica, next, entry);
            if (!applied.equals(entry.effect())) {
                throw new SimulationFailure(process.name() + " applied entry " + next + " as " + applied
                        + ", and another peer as " + entry.effect());
            }
            for (Pending pending : List.copyOf(uncommitted)) {
                if (pending.bytes == entry.bytes()) {
                    uncommitted.remove(pending);
                    pending.applied.complete(applied);
                }
            }
        }
    }

    static Applied apply(Replica replica, long index, SimulatedCluster.Committed entry) {
        try {
            LogEntry decoded = LogEntry.decode(entry.bytes()).in(entry.term());
            return replica.apply(index, decoded.stampMs(), decoded.batch());
        } catch (MalformedMessageException e) {
            throw new SimulationFailure("entry " + index + " cannot be decoded: " + e);
        }
    }

    // ---- leadership

    /** It was elected: it accepts entries for that term once it has applied everything before them. */
    void lead(long term) {
        ledTerm = term;
    }

    /** It has applied all that came before its term, and begins to serve. */
    void serve(long term) {
        if (ledTerm == term) {
            catchUp(cluster.lastIndex());
            door.begin(new LeaderTerm(term, replica, this, process));
        }
    }

    /** It learns that it no longer leads; the outcome of entries that are on their way is unknown. */
    void deposed(long term) {
        if (ledTerm != term) {
            return;
        }
        if (random.nextBoolean()) {
            // What others committed may arrive before the news that they lead.
            catchUp(appliedIndex() + random.nextInt((int) (cluster.lastIndex() - appliedIndex()) + 1));
        }
        ledTerm = 0;
        door.end();
        failUncommitted();
    }

    private void failUncommitted() {
        List<Pending> lost = List.copyOf(uncommitted);
        uncommitted.clear();
        lost.forEach(pending -> pending.applied.completeExceptionally(
                new TransportException(TransportException.Kind.OUTCOME_UNKNOWN, "deposed")));
    }

    boolean leads(long term) {
        return ledTerm == term;
    }

    // ---- crashes and snapshots

    void crash() {
        process.kill();
        ledTerm = 0;
    }

    /** Starts again from its last snapshot and as much of the log as it likes. */
    void restart() {
        process = newProcess();
        replica = new Replica();
        door = new LocalLeader();
        listen();
        uncommitted.clear();
        capture = null;
        Snapshot last = snapshot;
        if (last != null) {
            replica.replace(restored(last));
        }
    }

    /** Begins to capture its state, or takes the capture further. */
    void takeSnapshot() {
        SnapshotCapture running = capture;
        if (running == null) {
            running = replica.read(LockMachine::capture);
            capture = running;
            captured = new ArrayList<>();
        }
        SnapshotCapture taken = running;
        captured.add(replica.read(machine -> taken.take(1 + random.nextInt(3))));
        if (taken.isComplete()) {
            snapshot = new Snapshot(taken.appliedIndex(), piecesOf(captured));
            capture = null;
        }
    }

    /** Not before all are taken: what was applied meanwhile must not have changed them. */
    private static List<byte[]> piecesOf(List<SnapshotImage> images) {
        return images.stream().flatMap(image -> image.pieces().stream()).toList();
    }

    /** Whether a capture is under way. */
    boolean isCapturing() {
        return capture != null;
    }

    /** Continues from another peer's snapshot if that is ahead. */
    void install(SimulatedPeer from) {
        Snapshot other = from.snapshot;
        if (other != null && other.index > appliedIndex() && ledTerm == 0) {
            capture = null;
            snapshot = other;
            replica.replace(restored(other));
        }
    }

    private static LockMachine restored(Snapshot from) {
        SnapshotRestore restore = new SnapshotRestore();
        try {
            for (byte[] piece : from.pieces) {
                restore.accept(piece);
            }
            return restore.finish();
        } catch (CorruptSnapshotException e) {
            throw new SimulationFailure("a snapshot cannot be restored: " + e);
        }
    }
}
