package dev.holdfast.statemachine;

import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.ClientCommand;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.util.List;

/** A client that sends one command per entry. */
final class TestSession {
    private final Scenario scenario;
    private final SessionId id;
    private final Caller caller;
    private long lastSequence;

    TestSession(Scenario scenario, SessionId id) {
        this(scenario, id, Caller.NOBODY);
    }

    TestSession(Scenario scenario, SessionId id, Caller caller) {
        this.scenario = scenario;
        this.id = id;
        this.caller = caller;
    }

    static SessionBatch openBatch(long nonce) {
        return new SessionBatch(
                new SessionId(nonce, 0),
                0,
                0,
                List.of(new SequencedCommand(0, new Command.OpenSession(1000, "host", "name"))));
    }

    static SessionId opened(Applied applied) {
        return ((Outcome.SessionOpened) outcomeOf(applied)).session();
    }

    static Outcome outcomeOf(Applied applied) {
        return applied.replies().get(0).outcomes().get(0).outcome();
    }

    SessionId id() {
        return id;
    }

    /** The sequence of the last command. */
    long lastSequence() {
        return lastSequence;
    }

    Outcome send(ClientCommand command) {
        return sendAs(++lastSequence, command);
    }

    Outcome sendAs(long sequence, ClientCommand command) {
        return outcomeOf(scenario.apply(batch(sequence, command)));
    }

    SessionBatch batch(long sequence, ClientCommand command) {
        return new SessionBatch(
                id,
                0,
                0,
                List.of(new SequencedCommand(sequence, command)),
                command.recordsCaller() ? caller : Caller.NOBODY);
    }

    void acknowledge(long outcomes, long events) {
        scenario.apply(new SessionBatch(id, outcomes, events, List.of()));
    }

    Outcome acquire(LockableKey mutex, Owner owner, Lease lease, long waitMs) {
        return send(Acquires.mutex(mutex, owner, false, lease, waitMs));
    }

    Outcome acquire(LockableKey mutex, Owner owner) {
        return acquire(mutex, owner, Lease.SESSION, 0);
    }

    Outcome acquireOrWait(LockableKey mutex, Owner owner) {
        return acquire(mutex, owner, Lease.SESSION, Command.Acquire.WAIT_FOREVER);
    }

    Outcome acquireReentrantly(LockableKey mutex, Owner owner) {
        return send(Acquires.mutex(mutex, owner, true, Lease.SESSION, 0));
    }

    Outcome acquirePermits(LockableKey semaphore, Owner owner, int permits, int limit) {
        return send(Acquires.permits(semaphore, owner, permits, limit, 0));
    }

    Outcome acquirePermitsOrWait(LockableKey semaphore, Owner owner, int permits, int limit) {
        return send(Acquires.permits(semaphore, owner, permits, limit, Command.Acquire.WAIT_FOREVER));
    }

    Outcome release(LockableKey lockable, Owner owner, long token) {
        return release(lockable, owner, token, Command.Release.ALL);
    }

    Outcome release(LockableKey lockable, Owner owner, long token, int permits) {
        return send(new Command.Release(lockable, owner, token, permits));
    }

    /** Releases what was acquired in that session with a TTL. */
    Outcome release(LockableKey lockable, Owner owner, long token, int permits, TestSession acquiredIn) {
        return send(new Command.Release(lockable, owner, token, permits, acquiredIn.id.low(), false));
    }

    /** Releases what was acquired in that session with a SESSION lease. */
    Outcome releaseKept(LockableKey lockable, Owner owner, long token, int permits, TestSession acquiredIn) {
        return send(new Command.Release(lockable, owner, token, permits, acquiredIn.id.low(), true));
    }

    Outcome acquireReentrantly(LockableKey mutex, Owner owner, Lease lease) {
        return send(Acquires.mutex(mutex, owner, true, lease, 0));
    }

    Outcome extend(LockableKey lockable, Owner owner, long token, long ttlMs) {
        return send(new Command.Extend(lockable, owner, token, ttlMs));
    }

    /** Of what was acquired in this session. */
    Outcome expireIn(LockableKey lockable, Owner owner, long token, long ttlMs) {
        return expireIn(lockable, owner, token, ttlMs, this);
    }

    Outcome expireIn(LockableKey lockable, Owner owner, long token, long ttlMs, TestSession acquiredIn) {
        return send(new Command.ExpireIn(lockable, owner, token, ttlMs, acquiredIn.id.low()));
    }

    Outcome drain(LockableKey semaphore, Owner owner, int limit) {
        return send(new Command.Drain(semaphore, owner, limit, Lease.SESSION));
    }

    Outcome requestRelease(LockableKey lockable) {
        return send(new Command.RequestRelease(lockable));
    }

    Outcome cancel(long acquireSequence) {
        return send(new Command.CancelAcquire(acquireSequence));
    }

    Outcome close() {
        return send(new Command.CloseSession());
    }

    /** The events that it has not acknowledged. */
    List<Event> events() {
        return scenario.machine().eventsAfter(id, 0).stream()
                .map(NumberedEvent::event)
                .toList();
    }
}
