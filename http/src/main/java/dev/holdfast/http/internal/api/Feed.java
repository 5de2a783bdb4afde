package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One session's events, each once and in order, through any number of subscriptions, whoever leads. When a subscription breaks, the leader is
 * asked whether the session is open, and only then it is subscribed to again. What the listener does not take stays in the replicated state,
 * but for a bounded number.
 *
 * <p>Its state is touched by tasks of the serial executor only, and so are its methods to be called.
 */
final class Feed {
    /** With so many that are not taken, a source is to keep back what follows. */
    private static final int UNTAKEN_ENOUGH = 256;

    /** With so many, the subscription of a source that does not ask is ended, and begun again when they are taken. */
    private static final int UNTAKEN_MAX = 512;

    private static final long PAUSE_MIN_MS = 50;
    private static final int DOUBLINGS_MAX = 4;

    private final Transport transport;
    private final SessionId session;
    private final Executor serial;
    private final Listener listener;
    private long last;
    private int failures;
    private boolean stopped;
    private @Nullable Subscribed current;

    /** Hears of them, as a task of the serial executor. */
    interface Listener {
        /** Whether it takes an event now. If not, it calls {@link Feed#resume} when it does. */
        boolean isReady();

        void onEvent(NumberedEvent event);

        /** The session is not open. Nothing follows. */
        void onGone();

        /** Nothing follows, for that reason. */
        void onRefused(Throwable cause);
    }

    /** @param after the number of the last event that is known */
    Feed(Transport transport, SessionId session, long after, Executor serial, Listener listener) {
        this.transport = transport;
        this.session = session;
        this.last = after;
        this.serial = serial;
        this.listener = listener;
    }

    void start() {
        if (!stopped) {
            Subscribed fresh = new Subscribed();
            current = fresh;
            fresh.subscription = transport.subscribe(session, last, fresh);
        }
    }

    /** Nothing is heard of it any more. */
    void stop() {
        stopped = true;
        end();
    }

    private void end() {
        Subscribed over = current;
        current = null;
        if (over != null && over.subscription != null) {
            over.subscription.close();
        }
    }

    /** The listener is ready, perhaps. */
    void resume() {
        Subscribed open = current;
        if (open != null) {
            open.handOver();
        }
    }

    private boolean isCurrent(Subscribed one) {
        return !stopped && one == current;
    }

    /** One subscription. The source calls it on threads of its own, one of which may apply the log, so it goes on elsewhere. */
    private final class Subscribed implements EventSink {
        private final Deque<NumberedEvent> arrived = new ArrayDeque<>();
        private final AtomicInteger untaken = new AtomicInteger();
        private final AtomicBoolean keptBack = new AtomicBoolean();
        private volatile boolean overflown;
        private boolean begun;
        private Transport.@Nullable Subscription subscription;

        @Override
        public boolean isReady() {
            if (untaken.get() < UNTAKEN_ENOUGH) {
                return true;
            }
            keptBack.set(true);
            // All may have been taken in between, by one who did not see that something is kept back.
            return untaken.get() < UNTAKEN_ENOUGH;
        }

        @Override
        public void onEvents(List<NumberedEvent> events) {
            if (overflown) {
                return;
            }
            if (untaken.addAndGet(events.size()) > UNTAKEN_MAX) {
                overflown = true;
                // All that came before may have been taken already.
                serial.execute(this::handOver);
            } else {
                serial.execute(() -> {
                    arrived.addAll(events);
                    handOver();
                });
            }
        }

        @Override
        public void onBroken(TransportException cause) {
            serial.execute(() -> broken(this, cause));
        }

        void handOver() {
            while (isCurrent(this) && !arrived.isEmpty() && listener.isReady()) {
                NumberedEvent event = arrived.remove();
                untaken.decrementAndGet();
                if (begun && event.number() > last + 1) {
                    // Something is missing in between, and would never come.
                    restart();
                    return;
                }
                begun = true;
                if (event.number() > last) {
                    last = event.number();
                    failures = 0;
                    listener.onEvent(event);
                }
            }
            if (isCurrent(this) && arrived.isEmpty()) {
                takeMore();
            }
        }

        private void takeMore() {
            if (overflown) {
                restart();
                return;
            }
            Transport.Subscription open = subscription;
            if (open != null && keptBack.compareAndSet(true, false)) {
                while (open.resume()) {
                    // There is more, and it is wanted.
                }
            }
        }
    }

    private void restart() {
        end();
        start();
    }

    private void broken(Subscribed from, TransportException cause) {
        if (!isCurrent(from)) {
            return;
        }
        end();
        if (cause.worthRetrying()) {
            later(this::findOut);
        } else {
            refused(cause);
        }
    }

    /** Whether the session is open. A new leader has to say so: one that does not lead knows of no sessions. */
    private void findOut() {
        if (stopped) {
            return;
        }
        CompletableFuture<Boolean> asked = Liveness.ask(transport, session);
        var unused = asked.whenCompleteAsync(
                (open, failure) -> {
                    if (stopped) {
                        return;
                    }
                    if (failure != null) {
                        failed(failure);
                    } else if (open) {
                        start();
                    } else {
                        stop();
                        listener.onGone();
                    }
                },
                serial);
    }

    private void failed(Throwable failure) {
        Throwable cause = Problem.cause(failure);
        if (cause instanceof TransportException transportFailure && transportFailure.worthRetrying()) {
            later(this::findOut);
        } else {
            refused(cause);
        }
    }

    private void refused(Throwable cause) {
        stop();
        listener.onRefused(
                cause instanceof TransportException ended && ended.kind() == Kind.CLOSED
                        ? new TransportException(Kind.BUSY, "this peer has ended the wait; ask again", ended)
                        : cause);
    }

    /** Longer each time, and not the same for all: a new leader is not to be asked by everybody at once. */
    private void later(Runnable task) {
        long longest = PAUSE_MIN_MS << Math.min(failures++, DOUBLINGS_MAX);
        long pause = longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1);
        CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS, serial).execute(task);
    }
}
