package dev.holdfast.client.internal.session;

import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.SessionId;
import org.jspecify.annotations.Nullable;

/**
 * Renews one session: a third of a lease after each renewal that was confirmed, and sooner after one that was not. An
 * attempt that gets no answer does not hold up the next: each counts from its own sending. Touched by tasks of the serial
 * executor only.
 */
final class KeepAlive {
    private final ClientContext context;
    private final SessionId session;
    private final long leaseNanos;
    private final Listener listener;
    private int failures;
    private boolean stopped;
    private Timers.@Nullable Scheduled next;

    /** Hears of renewals, as a task of the serial executor. */
    interface Listener {
        /** The session lives for a full lease from {@code sentNanos}. */
        void onAlive(long sentNanos, long logTimeMs);

        /** The session is gone. */
        void onGone();
    }

    KeepAlive(ClientContext context, SessionId session, long leaseNanos, Listener listener) {
        this.context = context;
        this.session = session;
        this.leaseNanos = leaseNanos;
        this.listener = listener;
    }

    /** Starts renewing, a third of a lease after the session was opened. */
    void start(long openedNanos) {
        scheduleAt(openedNanos + leaseNanos / 3);
    }

    void stop() {
        stopped = true;
        cancelNext();
    }

    /** Renews at once, because there is reason to doubt that the session still lives. */
    void hurry() {
        if (!stopped) {
            attempt();
        }
    }

    private void attempt() {
        long sentNanos = context.nowNanos();
        scheduleAt(sentNanos + leaseNanos / 6);
        Futures.onDone(
                Futures.guard(() -> context.transport().keepAlive(session)),
                (reply, failure) -> context.serial().execute(() -> onAnswer(sentNanos, reply, failure)));
    }

    private void onAnswer(long sentNanos, @Nullable KeepAliveReply reply, @Nullable Throwable failure) {
        if (stopped) {
            return;
        }
        if (reply instanceof KeepAliveReply.Alive alive) {
            failures = 0;
            scheduleAt(sentNanos + leaseNanos / 3);
            listener.onAlive(sentNanos, alive.logTimeMs());
        } else if (reply instanceof KeepAliveReply.Gone) {
            listener.onGone();
        } else {
            onFailure(TransportException.of(failure));
        }
    }

    private void onFailure(TransportException failure) {
        if (failure.kind() == TransportException.Kind.CLOSED) {
            cancelNext();
        } else {
            scheduleAt(context.nowNanos() + pauseNanos(failure));
        }
    }

    // Grows up to an eighth of the lease: a long outage causes no storm, and several attempts are left.
    private long pauseNanos(TransportException failure) {
        long longest = leaseNanos / 8;
        if (!failure.worthRetrying()) {
            return longest;
        }
        return Math.min(longest, context.retryPauseNanos(failures++));
    }

    private void scheduleAt(long instantNanos) {
        cancelNext();
        next = context.at(instantNanos, () -> {
            if (!stopped) {
                attempt();
            }
        });
    }

    private void cancelNext() {
        Timers.Scheduled scheduled = next;
        if (scheduled != null) {
            scheduled.cancel();
            next = null;
        }
    }
}
