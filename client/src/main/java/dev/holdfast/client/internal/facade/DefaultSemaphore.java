package dev.holdfast.client.internal.facade;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HeldWork;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import dev.holdfast.client.errors.SemaphoreWaitTimedOutException;
import dev.holdfast.client.info.LockableHistory;
import dev.holdfast.client.info.SemaphoreInfo;
import dev.holdfast.client.internal.hold.AcquireRequest;
import dev.holdfast.client.internal.hold.GuardedWork;
import dev.holdfast.client.internal.hold.HoldOperations.Target;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.internal.terms.Terms;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A {@link HoldfastSemaphore}. */
final class DefaultSemaphore implements HoldfastSemaphore {
    private final Operations operations;
    private final Inspection inspection;
    private final ClientOwners owners;
    private final int max;

    DefaultSemaphore(Operations operations, Inspection inspection, ClientOwners owners, int max) {
        this.operations = operations;
        this.inspection = inspection;
        this.owners = owners;
        this.max = max;
    }

    @Override
    public int max() {
        return max;
    }

    @Override
    public LockHandle hold(Lockable lockable) {
        return hold(lockable, 1);
    }

    @Override
    public LockHandle hold(Lockable lockable, int permits) {
        return acquire(owners.fresh(), lockable, permits).orThrow();
    }

    @Override
    public LockHandle hold(Lockable lockable, int permits, AcquireOptions options) throws InterruptedException {
        return hold(owners.fresh(), lockable, permits, options);
    }

    @Override
    public Optional<LockHandle> tryHold(Lockable lockable) {
        return tryHold(lockable, 1);
    }

    @Override
    public Optional<LockHandle> tryHold(Lockable lockable, int permits) {
        return acquire(owners.fresh(), lockable, permits).handle();
    }

    @Override
    public Optional<LockHandle> tryHold(Lockable lockable, int permits, AcquireOptions options)
            throws InterruptedException {
        return acquire(owners.fresh(), lockable, permits, options).handle();
    }

    @Override
    public CompletionStage<AcquireResult> acquireAsync(Lockable lockable, int permits, AcquireOptions options) {
        return acquireAsync(owners.fresh(), lockable, permits, options);
    }

    @Override
    public AcquireResult acquire(LockOwner owner, Lockable lockable) {
        return acquire(owner, lockable, 1);
    }

    @Override
    public AcquireResult acquire(LockOwner owner, Lockable lockable, int permits) {
        return operations.acquire(request(owner, lockable, permits, AcquireOptions.defaults()));
    }

    @Override
    public AcquireResult acquire(LockOwner owner, Lockable lockable, int permits, AcquireOptions options)
            throws InterruptedException {
        return operations.acquireInterruptibly(request(owner, lockable, permits, options));
    }

    @Override
    public CompletionStage<AcquireResult> acquireAsync(
            LockOwner owner, Lockable lockable, int permits, AcquireOptions options) {
        return Futures.staged(() -> operations.acquireAsync(request(owner, lockable, permits, options)));
    }

    @Override
    public LockHandle hold(LockOwner owner, Lockable lockable, int permits, AcquireOptions options)
            throws InterruptedException {
        long beganNanos = operations.nowNanos();
        AcquireRequest request = request(owner, lockable, permits, options);
        AcquireResult result = operations.acquireInterruptibly(request);
        if (result.timedOut()) {
            throw timedOut(request, beganNanos + request.patienceNanos() - operations.nowNanos());
        }
        return result.orThrow();
    }

    /** Looks who has the permits, in what is left of the caller's time. */
    private LockException timedOut(AcquireRequest request, long leftNanos) {
        String key = request.lockable().key();
        int permits = request.command().permits();
        Duration waited = Duration.ofMillis(request.command().waitMs());
        if (leftNanos > 0) {
            try {
                Answer.LockableView seen = inspection.view(request.command().lockable(), 0, leftNanos);
                List<LockOwner> holders = seen.holds().stream()
                        .map(hold -> Terms.owner(hold.owner()))
                        .toList();
                return new SemaphoreWaitTimedOutException(
                        key, permits, max, waited, Math.max(0, max - seen.held()), holders);
            } catch (LockException unanswered) {
                // Then that is not known.
            }
        }
        return new SemaphoreWaitTimedOutException(key, permits, max, waited);
    }

    private AcquireRequest request(LockOwner owner, Lockable lockable, int permits, AcquireOptions options) {
        RequestNumbers.permits("permits to acquire", permits);
        if (permits > max) {
            // The cluster would refuse it too; this saves the round trip.
            throw new SemaphoreCapacityExceededException(lockable.key(), permits, max, max);
        }
        Command.Acquire command = new Command.Acquire(
                key(lockable), Terms.owner(owner), permits, max, false, Terms.lease(options), options.waitMs());
        return new AcquireRequest(
                lockable, owner, command, RequestNumbers.timeoutNanos(options), operations.timeoutNanos(), operations);
    }

    @Override
    public AcquireResult drain(Lockable lockable) {
        return drain(owners.fresh(), lockable, AcquireOptions.defaults());
    }

    @Override
    public AcquireResult drain(LockOwner owner, Lockable lockable, AcquireOptions options) {
        return operations.acquire(drainRequest(owner, lockable, options));
    }

    @Override
    public CompletionStage<AcquireResult> drainAsync(LockOwner owner, Lockable lockable, AcquireOptions options) {
        return Futures.staged(() -> operations.acquireAsync(drainRequest(owner, lockable, options)));
    }

    private AcquireRequest drainRequest(LockOwner owner, Lockable lockable, AcquireOptions options) {
        if (options.waitMs() != 0) {
            throw new LockRequestRejectedException(
                    Reason.INVALID, "a drain takes the permits that are free, and does not wait for others");
        }
        Command.Acquire one =
                new Command.Acquire(key(lockable), Terms.owner(owner), 1, max, false, Terms.lease(options), 0);
        return new AcquireRequest(
                lockable,
                owner,
                one,
                RequestNumbers.timeoutNanos(options),
                operations.timeoutNanos(),
                operations,
                true);
    }

    @Override
    public void release(LockOwner owner, Lockable lockable, int permits) {
        RequestNumbers.permits("permits to release", permits);
        operations.release(target(owner, lockable), permits, permits);
    }

    @Override
    public CompletionStage<Void> releaseAsync(LockOwner owner, Lockable lockable, int permits) {
        return Futures.staged(() -> operations.releaseAsync(
                target(owner, lockable), RequestNumbers.permits("permits to release", permits), permits));
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
    public int forceRelease(Lockable lockable) {
        return operations.forceRelease(lockable, key(lockable));
    }

    @Override
    public CompletionStage<Integer> forceReleaseAsync(Lockable lockable) {
        return Futures.staged(() -> operations.forceReleaseAsync(lockable, key(lockable)));
    }

    @Override
    public int requestRelease(Lockable lockable) {
        return operations.requestRelease(key(lockable));
    }

    @Override
    public CompletionStage<Integer> requestReleaseAsync(Lockable lockable) {
        return Futures.staged(() -> operations.requestReleaseAsync(key(lockable)));
    }

    @Override
    public int available(Lockable lockable) {
        int held = inspection.view(key(lockable), 0, operations.timeoutNanos()).held();
        return Math.max(0, max - held);
    }

    @Override
    public SemaphoreInfo get(Lockable lockable) {
        return inspection.semaphore(lockable, key(lockable), max, operations.timeoutNanos());
    }

    @Override
    public LockableHistory history(Lockable lockable) {
        return inspection.history(key(lockable), operations.timeoutNanos());
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T withPermits(
            Lockable lockable, int permits, HeldWork<T, E> work) throws E {
        return GuardedWork.run(hold(lockable, permits), work);
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T withPermits(
            Lockable lockable, int permits, AcquireOptions options, HeldWork<T, E> work)
            throws E, InterruptedException {
        return GuardedWork.run(hold(lockable, permits, options), work);
    }

    @Override
    public HoldfastSemaphore withRequestTimeout(Duration timeout) {
        return new DefaultSemaphore(operations.within(timeout), inspection, owners, max);
    }

    private static Target target(LockOwner owner, Lockable lockable) {
        return new Target(lockable, key(lockable), owner);
    }

    private static LockableKey key(Lockable lockable) {
        return LockableKey.semaphore(lockable.key());
    }
}
