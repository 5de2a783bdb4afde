package dev.holdfast.client.internal.session;

import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One session's events, each once and in order, through any number of subscriptions. Touched by tasks of the serial
 * executor only, except for the sink, which passes on what it hears.
 */
final class EventStream {
    private static final long REFUSED_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ClientContext context;
    private final SessionId session;
    private final EventHandler sink;
    private final Runnable onRefused;
    private long lastReceived;
    private int generation;
    private int failures;
    private boolean stopped;
    private Transport.@Nullable Subscription subscription;

    /** Gets the events. */
    interface EventHandler {
        void onEvent(long number, Event event);
    }

    /**
     * @param sink gets the events
     * @param onRefused called when the cluster refuses a subscription, which may be because the session is gone
     */
    EventStream(ClientContext context, SessionId session, EventHandler sink, Runnable onRefused) {
        this.context = context;
        this.session = session;
        this.sink = sink;
        this.onRefused = onRefused;
    }

    /** Every event up to this number was handed on. */
    long lastReceived() {
        return lastReceived;
    }

    void start() {
        if (stopped) {
            return;
        }
        int current = ++generation;
        closeSubscription();
        try {
            subscription = context.transport().subscribe(session, lastReceived, new EventSink() {
                @Override
                public void onEvents(List<NumberedEvent> events) {
                    context.serial().execute(() -> receive(current, events));
                }

                @Override
                public void onBroken(TransportException cause) {
                    context.serial().execute(() -> broken(current, cause));
                }
            });
        } catch (RuntimeException e) {
            broken(current, new TransportException(TransportException.Kind.UNREACHABLE, e.toString(), e));
        }
    }

    void stop() {
        stopped = true;
        closeSubscription();
    }

    private void receive(int from, List<NumberedEvent> events) {
        for (NumberedEvent event : events) {
            if (stopped || from != generation) {
                return;
            }
            if (event.number() == lastReceived + 1) {
                lastReceived++;
                failures = 0;
                sink.onEvent(event.number(), event.event());
            } else if (event.number() > lastReceived) {
                // Something is missing in between, and would be lost for good if a later event were acknowledged.
                start();
            }
        }
    }

    private void broken(int from, TransportException cause) {
        if (stopped || from != generation || cause.kind() == TransportException.Kind.CLOSED) {
            return;
        }
        generation++;
        closeSubscription();
        if (cause.worthRetrying()) {
            context.after(context.retryPauseNanos(failures++), this::start);
        } else {
            onRefused.run();
            context.after(REFUSED_PAUSE_NANOS, this::start);
        }
    }

    private void closeSubscription() {
        Transport.Subscription last = subscription;
        subscription = null;
        if (last != null) {
            last.close();
        }
    }
}
