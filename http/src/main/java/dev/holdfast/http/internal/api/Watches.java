package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Waits for what becomes of queued acquires. All calls at this peer that wait in one session share one subscription, which lasts as long as the
 * last of them, and no call has a thread. Thread-safe.
 */
final class Watches {
    /** Of one session, and not acknowledged by its caller. */
    static final int RESULTS_MAX = 4096;

    private final Executor executor;

    /** A session, as one caller reaches it: by the transport that is that caller's own. */
    private record Watched(Transport transport, SessionId session) {}

    private final Map<Watched, Watch> watches = new HashMap<>();

    Watches(Executor executor) {
        this.executor = executor;
    }

    /**
     * Waits until that acquire was granted, or its wait has ended.
     *
     * @return completes with {@link Event.WaitGranted} or {@link Event.WaitEnded}; fails with {@link
     *     java.util.concurrent.TimeoutException} if neither has come in that time
     */
    CompletableFuture<Event> await(Transport transport, SessionId session, long sequence, long timeoutMs) {
        Watched watched = new Watched(transport, session);
        Watch watch;
        CompletableFuture<Event> result;
        synchronized (this) {
            watch = enough(watched);
            result = watch.enter(sequence).copy();
        }
        return result.orTimeout(timeoutMs, TimeUnit.MILLISECONDS)
                .whenComplete((event, failure) -> leave(watched, watch));
    }

    /** Of one that is full, most was acknowledged long ago, perhaps. A new one hears only of what was not. Under the lock. */
    private Watch enough(Watched watched) {
        Watch known = watches.get(watched);
        if (known != null && !known.isFull()) {
            return known;
        }
        Watch fresh = new Watch(watched);
        watches.put(watched, fresh);
        return fresh;
    }

    private synchronized void leave(Watched watched, Watch watch) {
        if (watch.left()) {
            watches.remove(watched, watch);
        }
    }

    private synchronized void forget(Watched watched, Watch watch) {
        watches.remove(watched, watch);
    }

    private final class Watch implements Feed.Listener {
        private final Watched watched;
        private final Serial serial = new Serial(executor);
        private final Feed feed;

        /** By sequence: what became of an acquire, or will. Guarded by itself. */
        private final Map<Long, CompletableFuture<Event>> results = new HashMap<>();

        /** Why there will be no more. Guarded by the results. */
        private @Nullable Throwable over;

        private int present;

        Watch(Watched watched) {
            this.watched = watched;
            this.feed = new Feed(watched.transport, watched.session, 0, serial, this);
            serial.execute(feed::start);
        }

        /** Under the lock of the watches. */
        CompletableFuture<Event> enter(long sequence) {
            present++;
            return result(sequence);
        }

        boolean isFull() {
            synchronized (results) {
                return results.size() >= RESULTS_MAX;
            }
        }

        /** Under the lock of the watches. Tells whether it was the last. */
        boolean left() {
            present--;
            if (present == 0) {
                serial.execute(feed::stop);
            }
            return present == 0;
        }

        private CompletableFuture<Event> result(long sequence) {
            synchronized (results) {
                CompletableFuture<Event> known = results.get(sequence);
                if (over != null) {
                    return CompletableFuture.failedFuture(over);
                }
                if (known == null) {
                    known = new CompletableFuture<>();
                    if (results.size() >= RESULTS_MAX) {
                        known.completeExceptionally(new Problem(
                                HttpStatus.TOO_MANY_REQUESTS_429,
                                "unacknowledged",
                                "the session has more than " + RESULTS_MAX
                                        + " waits that are not over, or whose end it has not"
                                        + " acknowledged: give 'acknowledgedEvents' with a request"));
                        return known;
                    }
                    results.put(sequence, known);
                }
                return known;
            }
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void onEvent(NumberedEvent event) {
            if (event.event() instanceof Event.WaitGranted granted) {
                result(granted.acquireSequence()).complete(granted);
            } else if (event.event() instanceof Event.WaitEnded ended) {
                result(ended.acquireSequence()).complete(ended);
            }
        }

        @Override
        public void onGone() {
            fail(Problem.sessionOver());
        }

        @Override
        public void onRefused(Throwable cause) {
            fail(cause);
        }

        private void fail(Throwable cause) {
            forget(watched, this);
            synchronized (results) {
                over = cause;
                results.values().forEach(each -> executor.execute(() -> each.completeExceptionally(cause)));
            }
        }
    }
}
