package dev.holdfast.client.internal.session;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.lease.LogClock;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens one session, repeating the attempt for as long as somebody wants it. The new session's lease is counted from the
 * first attempt that may have reached the cluster; a session that is heard of too late by that count is closed unused, and
 * another is opened. Touched by tasks of the serial executor only.
 *
 * <p>See docs/adr/003-session-ids-come-from-the-machine.md.
 */
final class SessionOpener {
    private final ClientContext context;
    private final Listener listener;
    private SessionId nonce = SessionId.unopened();
    private boolean maybeApplied;
    private long firstSentNanos;
    private int failures;
    private boolean stopped;
    private @Nullable TransportException lastFailure;

    /** Hears how the opening went, as a task of the serial executor. One of the last two is called, once. */
    interface Listener {
        /** Whether somebody still waits for a session. */
        boolean isWanted();

        /** @param sentNanos from when the lease has to be counted */
        void onOpened(SessionId session, long sentNanos, long logTimeMs);

        /** It will not open, or nobody wants it any more. */
        void onOpenFailed(LockException failure);
    }

    SessionOpener(ClientContext context, Listener listener) {
        this.context = context;
        this.listener = listener;
    }

    void start() {
        attempt();
    }

    /** Stops trying. A session that opens all the same is closed. */
    void stop() {
        stopped = true;
    }

    /** Why the last attempt failed, {@code null} if none has. */
    @Nullable
    TransportException lastFailure() {
        return lastFailure;
    }

    private void attempt() {
        if (!maybeApplied) {
            firstSentNanos = context.nowNanos();
        }
        Command.OpenSession open = new Command.OpenSession(
                context.options().sessionLease().toMillis(),
                context.options().host(),
                context.options().name());
        SessionBatch batch = new SessionBatch(nonce, 0, 0, List.of(new SequencedCommand(0, open)));
        Futures.onDone(
                Futures.guard(() -> context.transport().submit(batch)),
                (reply, failure) -> context.serial().execute(() -> onAnswer(reply, failure)));
    }

    private void onAnswer(@Nullable SubmitReply reply, @Nullable Throwable failure) {
        if (reply == null || reply.outcomes().size() != 1) {
            onFailure(TransportException.of(failure));
            return;
        }
        Outcome outcome = reply.outcomes().get(0).outcome();
        if (!(outcome instanceof Outcome.SessionOpened opened)) {
            fail(Rejections.unexpected(outcome));
        } else if (stopped || isTooLate()) {
            SessionCloser.closeUnused(context, opened.session(), context.nowNanos() + leaseNanos());
            beginAnew();
        } else {
            stopped = true;
            listener.onOpened(opened.session(), firstSentNanos, reply.logTimeMs());
        }
    }

    private void onFailure(TransportException failure) {
        lastFailure = failure;
        maybeApplied |= failure.maybeApplied();
        if (failure.worthRetrying()) {
            context.metrics().retried();
            context.after(context.retryPauseNanos(failures++), () -> retry(failure));
        } else {
            fail(Rejections.refused("opening of a session", failure));
        }
    }

    private void retry(TransportException failure) {
        if (stopped) {
            return;
        }
        if (!listener.isWanted()) {
            fail(new LockUnavailableException("opening of a session", failure));
        } else if (maybeApplied && isTooLate()) {
            beginAnew();
        } else {
            attempt();
        }
    }

    private boolean isTooLate() {
        long believedNanos = leaseNanos() - LogClock.allowanceNanos(leaseNanos());
        return context.nowNanos() - firstSentNanos >= believedNanos;
    }

    private long leaseNanos() {
        return context.options().sessionLease().toNanos();
    }

    private void beginAnew() {
        if (!stopped) {
            nonce = SessionId.unopened();
            maybeApplied = false;
            attempt();
        }
    }

    private void fail(LockException failure) {
        if (!stopped) {
            stopped = true;
            listener.onOpenFailed(failure);
        }
    }
}
