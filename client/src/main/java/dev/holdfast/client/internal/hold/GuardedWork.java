package dev.holdfast.client.internal.hold;

import dev.holdfast.client.HeldWork;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockExpiringException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.internal.threads.InterruptScopes;
import dev.holdfast.client.internal.threads.InterruptScopes.Scope;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Work under a hold. The hold's alarm interrupts the working thread; the release, when the work has ended, decides whether the
 * hold was there to the end, or, where none is wanted, what its client believes.
 */
public final class GuardedWork {

    /** Does the work on the calling thread, and releases the hold. */
    public static <T extends @Nullable Object, E extends Exception> T run(LockHandle granted, HeldWork<T, E> work)
            throws E {
        // Every handle that a client grants is one.
        return run((HoldHandle) granted, granted, work, () -> true, GuardedWork::release);
    }

    /**
     * Does the work on the calling thread, and leaves the hold as it is.
     *
     * @param shown what the work gets to see: the handle, by whatever name
     */
    static <T extends @Nullable Object, E extends Exception> T runWithoutRelease(
            HoldHandle held, LockHandle shown, HeldWork<T, E> work, BooleanSupplier mayInterrupt) throws E {
        return run(held, shown, work, mayInterrupt, GuardedWork::requireNotLost);
    }

    private static <T extends @Nullable Object, E extends Exception> T run(
            HoldHandle held,
            LockHandle shown,
            HeldWork<T, E> work,
            BooleanSupplier mayInterrupt,
            Consumer<LockHandle> end)
            throws E {
        // It was lost before the work began: nothing is left to release.
        held.requireHeld();
        Scope scope = InterruptScopes.enter();
        HoldAlarm alarm = held.alarm(() -> interrupt(scope, mayInterrupt));
        T result;
        try {
            result = work.run(shown);
        } catch (Throwable thrown) {
            alarm.silence();
            LockException more = endAfter(thrown, scope.end(), held, end);
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
        end.accept(held);
        return result;
    }

    /** Returns what is to be said of the hold, {@code null} if nothing is. */
    private static @Nullable LockException endAfter(
            Throwable thrown, boolean interrupted, LockHandle held, Consumer<LockHandle> end) {
        try {
            end.accept(held);
        } catch (LockExpiredException | LockNotHeldException | LockClientClosedException lost) {
            return lost;
        } catch (Throwable alsoThrown) {
            thrown.addSuppressed(alsoThrown);
        }
        return interrupted ? new LockExpiringException(held.lockable().key(), held.owner()) : null;
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

    private static void interrupt(Scope scope, BooleanSupplier mayInterrupt) {
        boolean may = true;
        try {
            may = mayInterrupt.getAsBoolean();
        } finally {
            if (may) {
                scope.interrupt();
            }
        }
    }

    /** The work may have released it; if nobody knows whether that was done, neither does this. */
    static void requireNotLost(LockHandle held) {
        if (held.state() == HoldState.RELEASED) {
            return;
        }
        try {
            held.requireHeld();
        } catch (LockNotHeldException | LockOutcomeUnknownException e) {
            // Unless a release in the background was done just now.
            if (held.state() != HoldState.RELEASED) {
                throw e;
            }
        }
    }

    private GuardedWork() {}
}
