package dev.holdfast.client.internal.hold;

import dev.holdfast.client.HeldWork;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A handle, by another name, whose calls have another request timeout. */
record HandleWithin(HoldHandle handle, HandleOperations operations) implements LockHandle {
    @Override
    public Lockable lockable() {
        return handle.lockable();
    }

    @Override
    public LockOwner owner() {
        return handle.owner();
    }

    @Override
    public long token() {
        return handle.token();
    }

    @Override
    public int permits() {
        return handle.permits();
    }

    @Override
    public HoldState state() {
        return handle.state();
    }

    @Override
    public void requireHeld() {
        handle.requireHeld();
    }

    @Override
    public Optional<Duration> leaseLeft() {
        return handle.leaseLeft();
    }

    @Override
    public void extend(Duration ttl) {
        operations.extend(handle, ttl);
    }

    @Override
    public CompletionStage<Void> extendAsync(Duration ttl) {
        return operations.extendAsync(handle, ttl);
    }

    @Override
    public void expireIn(Duration left) {
        operations.expireIn(handle, left);
    }

    @Override
    public CompletionStage<Void> expireInAsync(Duration left) {
        return operations.expireInAsync(handle, left);
    }

    @Override
    public void release() {
        operations.release(handle);
    }

    @Override
    public CompletionStage<Void> releaseAsync() {
        return operations.releaseAsync(handle);
    }

    @Override
    public void close() {
        HoldHandle.close(this);
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T whileHeld(
            HeldWork<T, E> work, BooleanSupplier mayInterrupt) throws E {
        return GuardedWork.runWithoutRelease(handle, this, work, mayInterrupt);
    }

    @Override
    public void onSuspect(Runnable listener) {
        handle.onSuspect(listener);
    }

    @Override
    public void onReleaseRequested(Runnable listener) {
        handle.onReleaseRequested(listener);
    }

    @Override
    public void onLost(Consumer<LossReason> listener) {
        handle.onLost(listener);
    }

    @Override
    public CompletionStage<LossReason> lossSignal() {
        return handle.lossSignal();
    }

    @Override
    public LockHandle withRequestTimeout(Duration timeout) {
        return handle.withRequestTimeout(timeout);
    }

    @Override
    public String toString() {
        return handle.toString();
    }
}
