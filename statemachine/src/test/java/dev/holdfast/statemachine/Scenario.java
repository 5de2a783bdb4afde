package dev.holdfast.statemachine;

import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.SystemCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.List;

/** A machine, its log time and its clients, driven by a test. The invariants are checked after every entry. */
final class Scenario {
    private final InvariantChecker invariants = new InvariantChecker();
    private LockMachine machine = new LockMachine();
    private long nowMs;
    private long lastNonce;

    Scenario() {
        this(1000);
    }

    Scenario(long nowMs) {
        this.nowMs = nowMs;
    }

    LockMachine machine() {
        return machine;
    }

    MachineState state() {
        return machine.state;
    }

    long nowMs() {
        return nowMs;
    }

    String hash() {
        return machine.stateHash();
    }

    TestSession open() {
        return open(++lastNonce);
    }

    TestSession open(long nonce) {
        return new TestSession(this, openNonce(nonce));
    }

    /** A session of that caller, whose name its batches bear. */
    TestSession openAs(Caller caller) {
        SessionId id =
                TestSession.opened(apply(TestSession.openBatch(++lastNonce).withCaller(caller)));
        return new TestSession(this, id, caller);
    }

    /** Applies an OpenSession and returns the id that the machine answers. */
    SessionId openNonce(long nonce) {
        return TestSession.opened(apply(TestSession.openBatch(nonce)));
    }

    Applied apply(SessionBatch... batches) {
        return apply(Batch.of(batches));
    }

    Applied system(SystemCommand... commands) {
        return apply(Batch.ofSystem(commands));
    }

    Applied expire(TestSession session) {
        return system(new Command.ExpireSession(session.id()));
    }

    Applied apply(Batch batch) {
        return applyStamped(nowMs, batch);
    }

    Applied applyStamped(long stampMs, Batch batch) {
        Applied applied = machine.apply(machine.appliedIndex() + 1, stampMs, CheckedMachine.throughCodec(batch));
        invariants.check(machine.state);
        return applied;
    }

    /** Lets time pass without an entry. */
    void pass(long ms) {
        nowMs += ms;
    }

    /** Lets time pass and ticks. */
    Applied tickAfter(long ms) {
        pass(ms);
        return system(new Command.Tick());
    }

    /** Ticks until nothing is left of what earlier entries began. */
    void catchUp() {
        while (machine.state.isBehind()) {
            machine.apply(machine.appliedIndex() + 1, nowMs, new Batch(List.of(new Command.Tick()), List.of()));
        }
        invariants.check(machine.state);
    }

    /** Continues with a machine restored from a snapshot of the present one. */
    void restart() throws CorruptSnapshotException {
        String before = hash();
        machine = Snapshots.restore(Snapshots.takeAll(machine));
        if (!hash().equals(before)) {
            throw new AssertionError("the restored state differs");
        }
        invariants.check(machine.state);
    }
}
