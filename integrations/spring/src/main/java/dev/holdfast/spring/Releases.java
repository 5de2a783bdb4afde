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
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Releases locks whose handles nobody has but this module. A release that the cluster did not answer is repeated until it is settled, or the
 * client is closed, as the client would renew the hold for ever. The work was done under the lock, so its caller gets its result.
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
        } catch (LockUnavailableException | LockOutcomeUnknownException open) {
            repeat(handle, open);
        } catch (LockNotHeldException e) {
            // The method may have released it in the background, and that was done just now.
            if (handle.state() != HoldState.RELEASED) {
                throw e;
            }
        }
    }

    /** Releases it without waiting; the future never fails, and has what says that it had been lost. */
    static CompletableFuture<@Nullable LockException> releaseAsync(LockHandle handle) {
        if (handle.state() == HoldState.RELEASED) {
            return CompletableFuture.completedFuture(null);
        }
        return handle.releaseAsync()
                .<@Nullable LockException>handle((done, failure) -> judge(handle, failure))
                .toCompletableFuture();
    }

    private static @Nullable LockException judge(LockHandle handle, @Nullable Throwable failure) {
        Throwable why =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (why == null || handle.state() == HoldState.RELEASED) {
            return null;
        }
        if (why instanceof LockUnavailableException || why instanceof LockOutcomeUnknownException) {
            repeat(handle, why);
            return null;
        }
        if (why instanceof LockException lock) {
            return lock;
        }
        LOG.error("Lock '{}' could not be released", handle.lockable().key(), why);
        return null;
    }

    private static void repeat(LockHandle handle, Throwable why) {
        LOG.warn(
                "The work under lock '{}' is done, but its release will be repeated until it is settled: {}",
                handle.lockable().key(),
                why.getMessage());
        later(handle, FIRST_PAUSE_MS);
    }

    private static void later(LockHandle handle, long pauseMs) {
        CompletableFuture.delayedExecutor(pauseMs, TimeUnit.MILLISECONDS).execute(() -> again(handle, pauseMs));
    }

    private static void again(LockHandle handle, long pauseMs) {
        if (handle.state() == HoldState.RELEASED || handle.state() == HoldState.LOST) {
            return;
        }
        handle.releaseAsync().whenComplete((done, failure) -> {
            Throwable why =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (why instanceof LockUnavailableException || why instanceof LockOutcomeUnknownException) {
                later(handle, Math.min(2 * pauseMs, LONGEST_PAUSE_MS));
            } else if (why != null && !isOver(why)) {
                LOG.error("Lock '{}' could not be released", handle.lockable().key(), why);
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
