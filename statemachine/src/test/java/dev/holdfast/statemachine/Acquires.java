package dev.holdfast.statemachine;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;

/** Vocabulary of the tests: lockables, owners, and the usual commands and outcomes. */
final class Acquires {
    static final LockableKey MUTEX = LockableKey.mutex("invoice-7");
    static final LockableKey OTHER_MUTEX = LockableKey.mutex("invoice-8");
    static final LockableKey POOL = LockableKey.semaphore("pool");

    static final Owner ANN = Owner.of("user", "ann");
    static final Owner BOB = Owner.of("user", "bob");
    static final Owner CAT = new Owner("user", "cat", new Owner.Scope("organisation", "acme"));

    static Command.Acquire mutex(LockableKey mutex, Owner owner, boolean reentrant, Lease lease, long waitMs) {
        return new Command.Acquire(mutex, owner, 1, 1, reentrant, lease, waitMs);
    }

    static Command.Acquire permits(LockableKey semaphore, Owner owner, int permits, int limit, long waitMs) {
        return new Command.Acquire(semaphore, owner, permits, limit, false, Lease.SESSION, waitMs);
    }

    /** A first grant without a deadline. */
    static Outcome granted(long token, int count) {
        return new Outcome.Granted(token, LogTime.NEVER, count, false);
    }

    static Outcome granted(long token) {
        return granted(token, 1);
    }

    static Outcome reacquired(long token, int count) {
        return new Outcome.Granted(token, LogTime.NEVER, count, true);
    }

    static Outcome released() {
        return new Outcome.Released(0);
    }

    private Acquires() {}
}
