package dev.holdfast.spring;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockExpiringException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One lock that a thread holds, and how many have a claim to it: each call that is running under it, and each transaction that
 * such a call ran in. Whoever gives up the last claim releases the lock, and nobody gets a claim any more. The calls run on the thread;
 * a transaction may end on another.
 */
final class Hold {

    /** Which lock of which cluster. */
    record Key(HoldfastClient client, String key) {}

    private final Key key;
    private final LockHandle handle;
    private final ThreadHolds holds;
    private final AtomicInteger claims = new AtomicInteger(1);

    /** Whether a call that is running under it is interrupted if it is about to be lost. Guarded by this. */
    private boolean watched;

    /** How many transactions are about to commit, and must not be interrupted. Guarded by this. */
    private int commits;

    /** Whether a call under it was interrupted since it was about to be lost. Guarded by this. */
    private boolean interrupted;

    /** Whether a transaction was committed that needed it. */
    private volatile boolean committed;

    /** Whoever makes it has the first claim. */
    Hold(Key key, LockHandle handle, ThreadHolds holds) {
        this.key = key;
        this.handle = handle;
        this.holds = holds;
    }

    LockHandle handle() {
        return handle;
    }

    Key key() {
        return key;
    }

    synchronized boolean isWatched() {
        return watched;
    }

    synchronized void watched(boolean now) {
        watched = now;
    }

    /** Whether the call under it may be interrupted now; if so, it is. */
    synchronized boolean interrupting() {
        if (!watched || commits > 0) {
            return false;
        }
        interrupted = true;
        return true;
    }

    /** Throws if what was done under it must not be committed: it was lost, or the work was told to stop. */
    synchronized void requireUndisturbed() {
        handle.requireHeld();
        if (interrupted) {
            throw new LockExpiringException(handle.lockable().key(), handle.owner());
        }
    }

    /** The same, and no interrupt comes until the commit is over. */
    synchronized void beginCommit() {
        requireUndisturbed();
        commits++;
    }

    synchronized void endCommit() {
        commits--;
    }

    void committed() {
        committed = true;
    }

    /** Says in the exception what else is to be known of the loss, once. */
    void explain(Throwable lost) {
        if (committed) {
            committed = false;
            lost.addSuppressed(
                    new IllegalStateException("A transaction under the lock was committed before that was known"));
        }
    }

    /** Returns whether there is a claim to it; if not, its release has begun. */
    boolean claim() {
        return claims.getAndUpdate(now -> now == 0 ? 0 : now + 1) > 0;
    }

    /** Returns whether that was the last claim, and the lock is to be released. */
    boolean unclaim() {
        boolean last = claims.decrementAndGet() == 0;
        if (last) {
            holds.remove(this);
        }
        return last;
    }

    /** Throws if it was lost. The method may have released it itself, which is no loss. */
    void requireNotLost() {
        if (handle.state() == HoldState.RELEASED) {
            return;
        }
        try {
            handle.requireHeld();
        } catch (LockNotHeldException | LockOutcomeUnknownException e) {
            // Unless a release in the background was done just now.
            if (handle.state() != HoldState.RELEASED) {
                throw e;
            }
        }
    }
}
