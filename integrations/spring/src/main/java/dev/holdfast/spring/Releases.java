package dev.holdfast.spring;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases locks whose handles nobody has but this module. A release that fails, for whatever reason, is repeated until the lock is
 * released or lost, or the client closed, as the client would renew the hold for ever. The work was done under the lock, so its caller
 * gets its result.
 */
final class Releases {
    private static final Logger LOG = LoggerFactory.getLogger(Releases.class);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 5000;

    /**
     * Releases it, and waits for that. Not interruptible.
     *
     * @throws LockException if it had been lost
     */
    static void release(LockHandle handle) {
        if (handle.state() == HoldState.RELEASED) {
            return;
        }
        try {
            handle.release();
        } catch (RuntimeException failure) {
            if (!isOver(failure)) {
                repeat(handle, failure);
            } else if (handle.state() != HoldState.RELEASED) {
                // The method may have released it in the background, and that was done just now.
                throw failure;
            }
        } catch (Error failure) {
            repeat(handle, failure);
            throw failure;
        }
    }

    /** Releases it without waiting; the future never fails, and has what says that it had been lost. */
    static CompletableFuture<@Nullable LockException> releaseAsync(LockHandle handle) {
        if (handle.state() == HoldState.RELEASED) {
            return CompletableFuture.completedFuture(null);
        }
        return attempt(handle)
                .<@Nullable LockException>handle((done, failure) -> judge(handle, failure))
                .toCompletableFuture();
    }

    /** A hook of an extension may throw at once. */
    private static CompletionStage<Void> attempt(LockHandle handle) {
        try {
            return handle.releaseAsync();
        } catch (RuntimeException | Error failure) {
            return CompletableFuture.failedFuture(failure);
        }
    }

    private static @Nullable LockException judge(LockHandle handle, @Nullable Throwable failure) {
        Throwable why = reason(failure);
        if (why == null || handle.state() == HoldState.RELEASED) {
            return null;
        }
        if (isOver(why)) {
            return (LockException) why;
        }
        repeat(handle, why);
        return null;
    }

    private static @Nullable Throwable reason(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static void repeat(LockHandle handle, Throwable why) {
        String key = handle.lockable().key();
        if (why instanceof LockUnavailableException || why instanceof LockOutcomeUnknownException) {
            LOG.warn(
                    "The work under lock '{}' is done, but its release will be repeated until it is settled: {}",
                    key,
                    why.getMessage());
        } else {
            LOG.error(
                    "The work under lock '{}' is done, but the lock cannot be released and stays held. Its release will be repeated "
                            + "until it succeeds, the lock is lost or the client is closed",
                    key,
                    why);
        }
        later(handle, FIRST_PAUSE_MS);
    }

    private static void later(LockHandle handle, long pauseMs) {
        CompletableFuture.delayedExecutor(pauseMs, TimeUnit.MILLISECONDS).execute(() -> again(handle, pauseMs));
    }

    private static void again(LockHandle handle, long pauseMs) {
        if (handle.state() == HoldState.RELEASED || handle.state() == HoldState.LOST) {
            return;
        }
        attempt(handle).whenComplete((done, failure) -> {
            Throwable why = reason(failure);
            if (why != null && !isOver(why)) {
                later(handle, Math.min(2 * pauseMs, LONGEST_PAUSE_MS));
            }
        });
    }

    private static boolean isOver(Throwable why) {
        return why instanceof LockNotHeldException
                || why instanceof LockExpiredException
                || why instanceof LockClientClosedException;
    }

    private Releases() {}
}
