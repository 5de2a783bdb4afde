package dev.holdfast.client.internal.facade;

import dev.holdfast.client.AcquireAllResult;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HeldWork;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockHandles;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.info.LockableHistory;
import dev.holdfast.client.internal.hold.AcquireRequest;
import dev.holdfast.client.internal.hold.GuardedWork;
import dev.holdfast.client.internal.hold.HoldOperations.Target;
import dev.holdfast.client.internal.hold.JointRequest;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.LockableKey;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A {@link HoldfastLock}. */
final class DefaultLock implements HoldfastLock {
    private final Operations operations;
    private final Inspection inspection;
    private final ClientOwners owners;
    private final boolean reentrant;
    private final ThreadHolds threadHolds;

    DefaultLock(
            Operations operations,
            Inspection inspection,
            ClientOwners owners,
            boolean reentrant,
            ThreadHolds threadHolds) {
        this.operations = operations;
        this.inspection = inspection;
        this.owners = owners;
        this.reentrant = reentrant;
        this.threadHolds = threadHolds;
    }

    @Override
    public LockHandle hold(Lockable lockable) {
        return acquire(owners.fresh(), lockable).orThrow();
    }

    @Override
    public LockHandle hold(Lockable lockable, AcquireOptions options) throws InterruptedException {
        return hold(owners.fresh(), lockable, options);
    }

    @Override
    public Optional<LockHandle> tryHold(Lockable lockable) {
        return acquire(owners.fresh(), lockable).handle();
    }

    @Override
    public Optional<LockHandle> tryHold(Lockable lockable, AcquireOptions options) throws InterruptedException {
        return acquire(owners.fresh(), lockable, options).handle();
    }

    @Override
    public CompletionStage<AcquireResult> acquireAsync(Lockable lockable, AcquireOptions options) {
        return acquireAsync(owners.fresh(), lockable, options);
    }

    @Override
    public AcquireResult acquire(LockOwner owner, Lockable lockable) {
        return operations.acquire(request(owner, lockable, AcquireOptions.defaults()));
    }

    @Override
    public AcquireResult acquire(LockOwner owner, Lockable lockable, AcquireOptions options)
            throws InterruptedException {
        return operations.acquireInterruptibly(request(owner, lockable, options));
    }

    /** Acquires, however long it takes; the thread's interrupt is left as it was. */
    AcquireResult acquireUninterruptibly(LockOwner owner, Lockable lockable, AcquireOptions options) {
        return operations.acquire(request(owner, lockable, options));
    }

    @Override
    public CompletionStage<AcquireResult> acquireAsync(LockOwner owner, Lockable lockable, AcquireOptions options) {
        return Futures.staged(() -> operations.acquireAsync(request(owner, lockable, options)));
    }

    @Override
    public LockHandle hold(LockOwner owner, Lockable lockable, AcquireOptions options) throws InterruptedException {
        return acquire(owner, lockable, options).orThrow();
    }

    @Override
    public LockHandles holdAll(Collection<Lockable> lockables) {
        return operations
                .joint()
                .acquire(request(owners.fresh(), lockables, AcquireOptions.defaults()))
                .orThrow();
    }

    @Override
    public LockHandles holdAll(Collection<Lockable> lockables, AcquireOptions options) throws InterruptedException {
        return holdAll(owners.fresh(), lockables, options);
    }

    @Override
    public LockHandles holdAll(LockOwner owner, Collection<Lockable> lockables, AcquireOptions options)
            throws InterruptedException {
        return acquireAll(owner, lockables, options).orThrow();
    }

    @Override
    public AcquireAllResult acquireAll(LockOwner owner, Collection<Lockable> lockables, AcquireOptions options)
            throws InterruptedException {
        return operations.joint().acquireInterruptibly(request(owner, lockables, options));
    }

    @Override
    public CompletionStage<AcquireAllResult> acquireAllAsync(
            LockOwner owner, Collection<Lockable> lockables, AcquireOptions options) {
        return Futures.staged(() -> operations.joint().acquireAsync(request(owner, lockables, options)));
    }

    private JointRequest request(LockOwner owner, Collection<Lockable> lockables, AcquireOptions options) {
        RequestNumbers.lockables(lockables);
        List<AcquireRequest> each = lockables.stream()
                .map(lockable -> request(owner, lockable, options))
                .toList();
        Command.AcquireAll command = new Command.AcquireAll(
                each.stream().map(request -> request.command().lockable()).toList(),
                Terms.owner(owner),
                reentrant,
                Terms.lease(options),
                options.waitMs());
        return new JointRequest(owner, each, command);
    }

    private AcquireRequest request(LockOwner owner, Lockable lockable, AcquireOptions options) {
        Command.Acquire command = new Command.Acquire(
                key(lockable), Terms.owner(owner), 1, 1, reentrant, Terms.lease(options), options.waitMs());
        return new AcquireRequest(
                lockable, owner, command, RequestNumbers.timeoutNanos(options), operations.timeoutNanos(), operations);
    }

    @Override
    public void release(LockOwner owner, Lockable lockable) {
        operations.release(target(owner, lockable), permitsToRelease(), 1);
    }

    @Override
    public CompletionStage<Void> releaseAsync(LockOwner owner, Lockable lockable) {
        return Futures.staged(() -> operations.releaseAsync(target(owner, lockable), permitsToRelease(), 1));
    }

    private int permitsToRelease() {
        return reentrant ? 1 : Release.ALL;
    }

    @Override
    public void extend(LockOwner owner, Lockable lockable, Duration ttl) {
        operations.extend(target(owner, lockable), ttl);
    }

    @Override
    public CompletionStage<Void> extendAsync(LockOwner owner, Lockable lockable, Duration ttl) {
        return Futures.staged(() -> operations.extendAsync(target(owner, lockable), ttl));
    }

    @Override
    public boolean forceRelease(Lockable lockable) {
        return operations.forceRelease(lockable, key(lockable)) > 0;
    }

    @Override
    public CompletionStage<Boolean> forceReleaseAsync(Lockable lockable) {
        return Futures.staged(
                () -> operations.forceReleaseAsync(lockable, key(lockable)).thenApply(taken -> taken > 0));
    }

    @Override
    public boolean requestRelease(Lockable lockable) {
        return operations.requestRelease(key(lockable)) > 0;
    }

    @Override
    public CompletionStage<Boolean> requestReleaseAsync(Lockable lockable) {
        return Futures.staged(
                () -> operations.requestReleaseAsync(key(lockable)).thenApply(holds -> holds > 0));
    }

    @Override
    public boolean isLocked(Lockable lockable) {
        return inspection.view(key(lockable), 0, operations.timeoutNanos()).held() > 0;
    }

    @Override
    public Optional<LockInfo> get(Lockable lockable) {
        return inspection.lock(lockable, key(lockable), operations.timeoutNanos());
    }

    @Override
    public LockableHistory history(Lockable lockable) {
        return inspection.history(key(lockable), operations.timeoutNanos());
    }

    @Override
    public FencedLock asJavaLock(Lockable lockable) {
        return asJavaLock(lockable, AcquireOptions.defaults());
    }

    @Override
    public FencedLock asJavaLock(Lockable lockable, AcquireOptions options) {
        return new JavaLock(this, lockable, options, operations.timeoutNanos(), threadHolds);
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T withLock(Lockable lockable, HeldWork<T, E> work)
            throws E {
        return GuardedWork.run(hold(lockable), work);
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T withLock(
            Lockable lockable, AcquireOptions options, HeldWork<T, E> work) throws E, InterruptedException {
        return GuardedWork.run(hold(lockable, options), work);
    }

    @Override
    public HoldfastLock withRequestTimeout(Duration timeout) {
        return new DefaultLock(operations.within(timeout), inspection, owners, reentrant, threadHolds);
    }

    private static Target target(LockOwner owner, Lockable lockable) {
        return new Target(lockable, key(lockable), owner);
    }

    private static LockableKey key(Lockable lockable) {
        return LockableKey.mutex(lockable.key());
    }
}
