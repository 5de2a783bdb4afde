package dev.holdfast.spring;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockExpiringException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One lock that a thread holds, and how many have a claim to it: each call that is running under it, and each transaction that
 * such a call ran in. Whoever gives up the last claim releases the lock. The calls run on the thread; a transaction may end on another.
 */
final class Hold {

    /** Which lock of which cluster. */
    record Key(HoldfastClient client, String key) {}

    private final Key key;
    private final LockHandle handle;
    private final ThreadHolds holds;
    private final AtomicInteger claims = new AtomicInteger();

    /** Whether a call that is running under it is interrupted if it is about to be lost. Of the thread. */
    private boolean watched;

    /** Whether a call under it was interrupted since it was about to be lost. */
    private volatile boolean interrupted;

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

    boolean isWatched() {
        return watched;
    }

    void watched(boolean now) {
        watched = now;
    }

    void interrupting() {
        interrupted = true;
    }

    /** Throws if what was done under it must not be committed: it was lost, or the work was told to stop. */
    void requireUndisturbed() {
        handle.requireHeld();
        if (interrupted) {
            throw new LockExpiringException(handle.lockable().key(), handle.owner());
        }
    }

    void claim() {
        claims.incrementAndGet();
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
        if (handle.state() != HoldState.RELEASED) {
            handle.requireHeld();
        }
    }
}
