package dev.holdfast.client.internal.facade;

import dev.holdfast.client.HeldWork;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockExpiringException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.internal.hold.HoldAlarm;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.threads.InterruptScopes;
import dev.holdfast.client.internal.threads.InterruptScopes.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Work under a hold of its own. The hold's alarm interrupts the working thread; the release, when the work has ended, decides
 * whether the hold was there to the end.
 */
final class GuardedWork {

    /** Does the work on the calling thread, and releases the hold. */
    static <T extends @Nullable Object, E extends Exception> T run(LockHandle granted, HeldWork<T, E> work) throws E {
        // It was lost before the work began: nothing is left to release.
        granted.requireHeld();
        Scope scope = InterruptScopes.enter();
        // Every handle that a client grants is one.
        HoldAlarm alarm = ((HoldHandle) granted).alarm(scope::interrupt);
        T result;
        try {
            result = work.run(granted);
        } catch (Throwable thrown) {
            alarm.silence();
            LockException more = endAfter(thrown, scope.end(), granted);
            if (more == null) {
                throw thrown;
            }
            if (thrown instanceof Error) {
                thrown.addSuppressed(more);
                throw thrown;
            }
            more.addSuppressed(thrown);
            throw more;
        }
        alarm.silence();
        scope.end();
        release(granted);
        return result;
    }

    /** Returns what is to be said of the hold, {@code null} if nothing is. */
    private static @Nullable LockException endAfter(Throwable thrown, boolean interrupted, LockHandle granted) {
        try {
            release(granted);
        } catch (LockExpiredException | LockNotHeldException | LockClientClosedException lost) {
            return lost;
        } catch (Throwable alsoThrown) {
            thrown.addSuppressed(alsoThrown);
        }
        return interrupted ? new LockExpiringException(granted.lockable().key(), granted.owner()) : null;
    }

    private static void release(LockHandle granted) {
        if (granted.state() == HoldState.RELEASED) {
            return;
        }
        try {
            granted.release();
        } catch (LockNotHeldException e) {
            // Unless the work had released it, in the background, and that was done just now.
            if (granted.state() != HoldState.RELEASED) {
                throw e;
            }
        }
    }

    private GuardedWork() {}
}
