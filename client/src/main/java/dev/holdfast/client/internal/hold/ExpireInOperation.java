package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.internal.lease.LeaseBelief;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.protocol.Command.ExpireIn;
import dev.holdfast.protocol.Outcome;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One request that a handle's hold end at a given time, whatever its lease was.
 *
 * <p>The cluster counts from when it applies the request, and this client from before it is sent. From then on the hold is
 * believed in no longer than that, whether or not the caller still waits. If the request was certainly not done, the old lease
 * counts again; unless the hold was lost by the clock meanwhile: then it is taken back, as nobody would release it.
 *
 * <p>While it is in doubt, it is repeated until its outcome is known, or its session is over: a hold that its session keeps
 * then ends with it, and one that outlives it ends at its old deadline at the latest.
 *
 * <p>Touched by tasks of the serial executor only.
 */
final class ExpireInOperation implements OutcomeHandler {
    private final HoldRegistry registry;
    private final HoldHandle handle;
    private final ExpireIn command;
    private final LeaseBelief bound;
    private final CompletableFuture<Void> result = new CompletableFuture<>();

    private ExpireInOperation(HoldRegistry registry, HoldHandle handle, long leftMs) {
        TrackedHold hold = handle.hold();
        this.registry = registry;
        this.handle = handle;
        this.command = handle.toExpireIn(leftMs);
        handle.letGo(true);
        this.bound = registry.mayExpireIn(hold, TimeUnit.MILLISECONDS.toNanos(leftMs));
    }

    /** Sends it, unless it is known already that the cluster would refuse it. */
    static CompletableFuture<Void> begin(
            SessionManager sessions, HoldRegistry registry, HoldHandle handle, long leftMs, long callersDeadlineNanos) {
        int acquires = handle.hold().handles.size();
        if (acquires > 1) {
            return CompletableFuture.failedFuture(shared(handle, acquires));
        }
        ExpireInOperation operation = new ExpireInOperation(registry, handle, leftMs);
        sessions.submit(operation.command, callersDeadlineNanos, operation);
        return operation.result;
    }

    private static LockException shared(HoldHandle handle, int acquires) {
        return new LockRequestRejectedException(
                Reason.SHARED,
                "the lease of '" + handle.lockable().key() + "' cannot be cut short, since " + handle.owner()
                        + " acquired it " + acquires + " times and shares one hold. Release the others first, or give"
                        + " each acquire an owner of its own.");
    }

    @Override
    public void onOutcome(Outcome outcome) {
        if (outcome instanceof Outcome.Expiring expiring) {
            registry.expires(handle, expiring.deadlineMs(), bound);
            result.complete(null);
        } else if (outcome instanceof Outcome.NotHeld) {
            registry.gone(handle.hold(), LossReason.NOT_HELD);
            result.completeExceptionally(handle.endException());
        } else {
            registry.doesNotExpire(handle, bound);
            result.completeExceptionally(
                    outcome instanceof Outcome.Shared shared
                            ? shared(handle, shared.acquires())
                            : Rejections.unexpected(outcome));
        }
    }

    @Override
    public boolean onDoubt(LockException failure) {
        result.completeExceptionally(failure);
        return true;
    }

    @Override
    public void onFailure(LockException failure) {
        if (!(failure instanceof LockOutcomeUnknownException)) {
            registry.doesNotExpire(handle, bound);
        }
        result.completeExceptionally(failure);
    }
}
