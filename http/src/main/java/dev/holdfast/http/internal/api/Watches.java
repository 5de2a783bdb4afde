package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
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
     * @param acknowledged the number of the last event that the caller has acknowledged
     * @return completes with {@link Event.WaitGranted} or {@link Event.WaitEnded}; fails with {@link
     *     java.util.concurrent.TimeoutException} if neither has come in that time
     */
    CompletableFuture<Event> await(
            Transport transport, SessionId session, long sequence, long acknowledged, long timeoutMs) {
        Watched watched = new Watched(transport, session);
        Watch watch;
        CompletableFuture<Event> result;
        synchronized (this) {
            watch = watches.computeIfAbsent(watched, Watch::new);
            result = watch.enter(sequence, acknowledged);
        }
        return result.orTimeout(timeoutMs, TimeUnit.MILLISECONDS)
                .whenComplete((event, failure) -> leave(watched, watch, sequence, result));
    }

    private synchronized void leave(Watched watched, Watch watch, long sequence, CompletableFuture<Event> result) {
        if (watch.left(sequence, result)) {
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

        /** By sequence: the calls that wait for what becomes of an acquire. Guarded by itself, like the next three. */
        private final Map<Long, List<CompletableFuture<Event>>> awaited = new HashMap<>();

        /** By sequence: what has become of one, until its caller acknowledges it. */
        private final Map<Long, NumberedEvent> known = new HashMap<>();

        private long acknowledged;

        /** Why there will be no more. */
        private @Nullable Throwable over;

        private int present;

        Watch(Watched watched) {
            this.watched = watched;
            this.feed = new Feed(watched.transport, watched.session, 0, serial, this);
            serial.execute(feed::start);
        }

        /** Under the lock of the watches. */
        CompletableFuture<Event> enter(long sequence, long upTo) {
            present++;
            synchronized (awaited) {
                if (over != null) {
                    return CompletableFuture.failedFuture(over);
                }
                acknowledge(upTo);
                NumberedEvent event = known.get(sequence);
                if (event != null) {
                    return CompletableFuture.completedFuture(event.event());
                }
                if (isFull()) {
                    return CompletableFuture.failedFuture(new Problem(
                            HttpStatus.TOO_MANY_REQUESTS_429,
                            "unacknowledged",
                            "the session has " + RESULTS_MAX
                                    + " waits whose end it has not acknowledged: give 'acknowledgedEvents' with this"
                                    + " request"));
                }
                CompletableFuture<Event> result = new CompletableFuture<>();
                awaited.computeIfAbsent(sequence, unused -> new ArrayList<>()).add(result);
                return result;
            }
        }

        /** What was acknowledged is not asked for again, and makes room. */
        private void acknowledge(long upTo) {
            if (upTo > acknowledged) {
                acknowledged = upTo;
                known.values().removeIf(event -> event.number() <= upTo);
                serial.execute(feed::resume);
            }
        }

        private boolean isFull() {
            return known.size() >= RESULTS_MAX;
        }

        /** Under the lock of the watches. Tells whether it was the last. */
        boolean left(long sequence, CompletableFuture<Event> result) {
            synchronized (awaited) {
                awaited.computeIfPresent(sequence, (unused, calls) -> {
                    calls.removeIf(each -> each == result);
                    return calls.isEmpty() ? null : calls;
                });
            }
            present--;
            if (present == 0) {
                serial.execute(feed::stop);
            }
            return present == 0;
        }

        /** What does not fit stays in the replicated state. */
        @Override
        public boolean isReady() {
            synchronized (awaited) {
                return !isFull();
            }
        }

        @Override
        public void onEvent(NumberedEvent event) {
            if (event.event() instanceof Event.WaitGranted granted) {
                ended(granted.acquireSequence(), event);
            } else if (event.event() instanceof Event.WaitEnded ended) {
                ended(ended.acquireSequence(), event);
            }
        }

        private void ended(long sequence, NumberedEvent event) {
            List<CompletableFuture<Event>> calls;
            synchronized (awaited) {
                if (event.number() > acknowledged) {
                    known.put(sequence, event);
                }
                calls = awaited.remove(sequence);
            }
            if (calls != null) {
                calls.forEach(each -> each.complete(event.event()));
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
            List<CompletableFuture<Event>> calls = new ArrayList<>();
            synchronized (awaited) {
                over = cause;
                awaited.values().forEach(calls::addAll);
                awaited.clear();
            }
            calls.forEach(each -> executor.execute(() -> each.completeExceptionally(cause)));
        }
    }
}
