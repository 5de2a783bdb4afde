package dev.holdfast.client.internal.remote;

import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ServerFrame;
import dev.holdfast.client.wire.ClassPath;
import dev.holdfast.protocol.codec.MalformedMessageException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One request: queued, then sent, then done; or done before it was sent, in which case it never is sent. Whoever makes it
 * done completes its future.
 */
final class PendingRequest<R> {
    /** Reads the reply that belongs to the request. */
    interface ReplyReader<R> {
        R read(ServerFrame frame) throws MalformedMessageException;
    }

    private enum State {
        QUEUED,
        SENT,
        DONE
    }

    private final CompletableFuture<R> future = new CompletableFuture<>();
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
    private final ReplyReader<R> reader;
    private volatile @Nullable Future<?> timeout;

    PendingRequest(ReplyReader<R> reader) {
        this.reader = reader;
    }

    CompletableFuture<R> future() {
        return future;
    }

    /** Cancels the timer when the request is done. */
    void timeout(Future<?> timer) {
        timeout = timer;
        if (state.get() == State.DONE) {
            timer.cancel(false);
        }
    }

    /** Returns whether it may be sent; if so, it counts as sent from now on. */
    boolean claim() {
        return state.compareAndSet(State.QUEUED, State.SENT);
    }

    void reply(ServerFrame frame, Object source) {
        if (!finish()) {
            return;
        }
        try {
            future.complete(reader.read(frame));
        } catch (MalformedMessageException | RuntimeException e) {
            future.completeExceptionally(new TransportException(
                    Kind.OUTCOME_UNKNOWN, source + " sent a reply that cannot be read: " + e.getMessage(), e));
        } catch (LinkageError e) {
            future.completeExceptionally(new TransportException(Kind.OUTCOME_UNKNOWN, ClassPath.describe(e), e));
        }
    }

    void fail(TransportException failure) {
        if (finish()) {
            future.completeExceptionally(failure);
        }
    }

    /** Fails as the ending says, by whether the request was sent. */
    void fail(Ending ending) {
        State before = state.getAndSet(State.DONE);
        if (before != State.DONE) {
            cancelTimeout();
            future.completeExceptionally(before == State.SENT ? ending.ofSent() : ending.ofUnsent());
        }
    }

    private boolean finish() {
        if (state.getAndSet(State.DONE) == State.DONE) {
            return false;
        }
        cancelTimeout();
        return true;
    }

    private void cancelTimeout() {
        Future<?> timer = timeout;
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
