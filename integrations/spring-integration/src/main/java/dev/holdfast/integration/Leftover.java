package dev.holdfast.integration;

import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an {@code unlock} has left behind that could not release the hold: the thread is outside, though the client's own view of the
 * lock still has it inside. It ends when that view has let go of the thread.
 *
 * <p>The hold is given back in the background, one request at a time, until that is done or the hold is lost. If the release is
 * refused, the hold is to lapse; if that is refused as well, it lives until its lease ends.
 */
final class Leftover {
    private static final Duration AT_ONCE = Duration.ofMillis(1);
    private static final long FIRST_PAUSE_MS = 50;
    private static final long LONGEST_PAUSE_MS = 5000;

    final String key;
    private final FencedLock view;

    /** {@code null} if it was lost already. */
    final @Nullable LockHandle handle;

    Leftover(String key, FencedLock view, @Nullable LockHandle handle) {
        this.key = key;
        this.view = view;
        this.handle = handle;
    }

    /** Has the view let go of the thread if the hold is over, and returns whether there is nothing left. */
    boolean settle() {
        LockHandle current = heldBy(view);
        if (current != null) {
            return current != handle;
        }
        if (handle != null && handle.state() == HoldState.IN_DOUBT) {
            return false;
        }
        try {
            view.unlock();
            return true;
        } catch (IllegalMonitorStateException over) {
            return true;
        } catch (RuntimeException | Error refused) {
            return false;
        }
    }

    /** What the thread holds according to the view, if anything. */
    static @Nullable LockHandle heldBy(FencedLock view) {
        try {
            return view.isHeldByCurrentThread() ? view.handle() : null;
        } catch (IllegalMonitorStateException lostJustNow) {
            return null;
        }
    }

    void releaseInBackground() {
        if (handle != null) {
            new Release(handle).next();
        }
    }

    void lapseInBackground() {
        if (handle != null) {
            Release release = new Release(handle);
            release.refused = true;
            release.next();
        }
    }

    /** Its calls come one after the other. */
    private static final class Release {
        private final LockHandle handle;
        private volatile boolean refused;
        private volatile long pauseMs = FIRST_PAUSE_MS;

        Release(LockHandle handle) {
            this.handle = handle;
        }

        void next() {
            HoldState state = handle.state();
            if (state == HoldState.RELEASED || state == HoldState.LOST) {
                return;
            }
            CompletionStage<Void> stage = refused ? handle.expireInAsync(AT_ONCE) : handle.releaseAsync();
            stage.whenComplete((done, failure) -> {
                if (failure != null) {
                    failed(unwrap(failure));
                }
            });
        }

        private static Throwable unwrap(Throwable failure) {
            Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
            return cause == null ? failure : cause;
        }

        private void failed(Throwable failure) {
            if (failure instanceof LockUnavailableException || failure instanceof LockOutcomeUnknownException) {
                long pause = pauseMs;
                pauseMs = Math.min(2 * pause, LONGEST_PAUSE_MS);
                CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS).execute(this::next);
            } else if (!refused) {
                refused = true;
                next();
            }
        }
    }
}
