package dev.holdfast.client.internal.facade;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.internal.election.Ballot;
import dev.holdfast.client.internal.hold.AcquireOutcome;
import dev.holdfast.client.internal.hold.AcquireRequest;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.hold.PendingAcquire;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** A {@link Ballot} on an ordinary lock. */
final class LockBallot implements Ballot {
    private final Lockable lockable;
    private final LockableKey key;
    private final Operations operations;
    private final Inspection inspection;
    private final BooleanSupplier closed;

    LockBallot(Lockable lockable, Operations operations, Inspection inspection, BooleanSupplier closed) {
        this.lockable = lockable;
        this.key = LockableKey.mutex(lockable.key());
        this.operations = operations;
        this.inspection = inspection;
        this.closed = closed;
    }

    @Override
    public Lockable lockable() {
        return lockable;
    }

    @Override
    public boolean isClosed() {
        return closed.getAsBoolean();
    }

    @Override
    public PendingAcquire<AcquireOutcome> stand(LockOwner owner) {
        AcquireOptions options = AcquireOptions.defaults().waitForever();
        Command.Acquire command =
                new Command.Acquire(key, Terms.owner(owner), 1, 1, false, Terms.lease(options), options.waitMs());
        return operations.begin(
                new AcquireRequest(lockable, owner, command, null, operations.timeoutNanos(), operations));
    }

    @Override
    public CompletableFuture<Void> giveBack(HoldHandle held) {
        return operations.askRelease(held);
    }

    @Override
    public CompletableFuture<Optional<LockInfo>> look(long timeoutNanos) {
        return inspection.lockAsync(lockable, key, timeoutNanos);
    }

    @Override
    public Optional<LockInfo> lookNow() {
        return inspection.lock(lockable, key, operations.timeoutNanos());
    }

    @Override
    public CompletableFuture<Integer> askForIt() {
        return operations.askRequestRelease(key);
    }
}
