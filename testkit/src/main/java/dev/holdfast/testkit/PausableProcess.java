package dev.holdfast.testkit;

import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One client's transport and timers, which can be suspended while everyone else's clock runs on: what a long garbage
 * collection, a suspended laptop or a stopped process does to it. What it would have sent, received and done meanwhile happens
 * when it is resumed.
 *
 * <p>Or it can be cut off from the cluster, while it runs on: requests fail, and no events come.
 */
final class PausableProcess implements Transport, Timers {
    private final Transport transport;
    private final Timers timers;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Runnable> held = new ArrayList<>();
    private final List<Listening> listening = new ArrayList<>();
    private boolean paused;
    private boolean cutOff;

    PausableProcess(Transport transport, Timers timers) {
        this.transport = transport;
        this.timers = timers;
    }

    void pause() {
        lock.lock();
        try {
            paused = true;
        } finally {
            lock.unlock();
        }
    }

    void resume() {
        List<Runnable> due;
        lock.lock();
        try {
            paused = false;
            due = List.copyOf(held);
            held.clear();
        } finally {
            lock.unlock();
        }
        due.forEach(Runnable::run);
    }

    void cutOff() {
        List<Listening> broken;
        lock.lock();
        try {
            cutOff = true;
            broken = List.copyOf(listening);
            listening.clear();
        } finally {
            lock.unlock();
        }
        broken.forEach(Listening::breakOff);
    }

    void reconnect() {
        lock.lock();
        try {
            cutOff = false;
        } finally {
            lock.unlock();
        }
    }

    private boolean isCutOff() {
        lock.lock();
        try {
            return cutOff;
        } finally {
            lock.unlock();
        }
    }

    private void whenRunning(Runnable action) {
        lock.lock();
        try {
            if (paused) {
                held.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    private <T> CompletableFuture<T> ask(Supplier<CompletableFuture<T>> request) {
        CompletableFuture<T> result = new CompletableFuture<>();
        if (isCutOff()) {
            return CompletableFuture.failedFuture(unreachable());
        }
        whenRunning(() -> request.get()
                .whenComplete((value, failure) -> whenRunning(() -> {
                    if (isCutOff()) {
                        result.completeExceptionally(
                                new TransportException(TransportException.Kind.OUTCOME_UNKNOWN, "cut off"));
                    } else if (failure == null) {
                        result.complete(value);
                    } else {
                        result.completeExceptionally(failure);
                    }
                })));
        return result;
    }

    @Override
    public CompletableFuture<SubmitReply> submit(SessionBatch batch) {
        return ask(() -> transport.submit(batch));
    }

    @Override
    public CompletableFuture<Answer> query(Query query) {
        return ask(() -> transport.query(query));
    }

    @Override
    public CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        return ask(() -> transport.keepAlive(session));
    }

    @Override
    public Subscription subscribe(SessionId session, long afterNumber, EventSink sink) {
        Listening begun = new Listening(sink);
        if (!begins(begun)) {
            begun.breakOff();
            return () -> {};
        }
        Subscription subscription = transport.subscribe(session, afterNumber, begun);
        return () -> {
            forget(begun);
            subscription.close();
        };
    }

    private boolean begins(Listening begun) {
        lock.lock();
        try {
            return !cutOff && listening.add(begun);
        } finally {
            lock.unlock();
        }
    }

    private void forget(Listening ended) {
        lock.lock();
        try {
            listening.remove(ended);
        } finally {
            lock.unlock();
        }
    }

    private static TransportException unreachable() {
        return new TransportException(TransportException.Kind.UNREACHABLE, "cut off");
    }

    /** A subscription, which ends when the process is cut off. */
    private final class Listening implements EventSink {
        private final EventSink sink;
        private final AtomicBoolean broken = new AtomicBoolean();

        Listening(EventSink sink) {
            this.sink = sink;
        }

        @Override
        public void onEvents(List<NumberedEvent> events) {
            whenRunning(() -> {
                if (!broken.get()) {
                    sink.onEvents(events);
                }
            });
        }

        @Override
        public void onBroken(TransportException cause) {
            forget(this);
            if (!broken.getAndSet(true)) {
                whenRunning(() -> sink.onBroken(cause));
            }
        }

        void breakOff() {
            onBroken(unreachable());
        }
    }

    @Override
    public long nanoTime() {
        return timers.nanoTime();
    }

    @Override
    public Scheduled schedule(Runnable task, long delayNanos) {
        return timers.schedule(() -> whenRunning(task), delayNanos);
    }

    /** The cluster's leader is not this client's to close. */
    @Override
    public void close() {}
}
