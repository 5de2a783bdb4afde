package dev.holdfast.client.internal.election;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.internal.hold.AcquireOutcome;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.hold.PendingAcquire;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The lock that an election is about. Nothing here blocks, unless it says so; what it returns completes in bounded time, except for an acquire that
 * waits, on threads that never run the code of users.
 */
public interface Ballot {
    Lockable lockable();

    /** Whether the client is closed. Then nobody stands any more. */
    boolean isClosed();

    /** Queues for the lock, without a limit, with a lease that lasts while the client lives. */
    PendingAcquire<AcquireOutcome> stand(LockOwner owner);

    CompletableFuture<Void> giveBack(HoldHandle held);

    /** Who holds the lock, and the first of those who wait. */
    CompletableFuture<Optional<LockInfo>> look(long timeoutNanos);

    /** The same; blocks. */
    Optional<LockInfo> lookNow();

    /** Asks whoever holds it for it. Returns how many are asked. */
    CompletableFuture<Integer> askForIt();
}
