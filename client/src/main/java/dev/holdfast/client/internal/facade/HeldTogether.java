package dev.holdfast.client.internal.facade;

import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockHandles;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.internal.hold.HoldHandle;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** {@link LockHandles}. */
final class HeldTogether implements LockHandles {
    private final List<HoldHandle> handles;
    private final JointOperations operations;

    HeldTogether(List<HoldHandle> handles, JointOperations operations) {
        this.handles = List.copyOf(handles);
        this.operations = operations;
    }

    @Override
    public List<LockHandle> handles() {
        return List.copyOf(handles);
    }

    @Override
    public LockHandle handle(Lockable lockable) {
        for (HoldHandle handle : handles) {
            if (handle.lockable().key().equals(lockable.key())) {
                return handle;
            }
        }
        throw new LockRequestRejectedException(
                Reason.INVALID, "'" + lockable.key() + "' is not among the locks that were acquired together");
    }

    @Override
    public void release() {
        operations.release(handles, failure -> true);
    }

    @Override
    public CompletionStage<Void> releaseAsync() {
        return operations.releaseAsync(handles);
    }

    @Override
    public void close() {
        List<HoldHandle> held =
                handles.stream().filter(handle -> !HoldHandle.isOver(handle)).toList();
        operations.release(held, failure -> !HoldHandle.isDoneBy(failure));
    }

    @Override
    public String toString() {
        return handles.toString();
    }
}
