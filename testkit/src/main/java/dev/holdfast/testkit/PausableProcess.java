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
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One client's transport and timers, which can be suspended while everyone else's clock runs on: what a long garbage
 * collection, a suspended laptop or a stopped process does to it. What it would have sent, received and done meanwhile happens
 * when it is resumed.
 */
final class PausableProcess implements Transport, Timers {
    private final Transport transport;
    private final Timers timers;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Runnable> held = new ArrayList<>();
    private boolean paused;

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
        whenRunning(() -> request.get()
                .whenComplete((value, failure) -> whenRunning(() -> {
                    if (failure == null) {
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
        return transport.subscribe(session, afterNumber, new EventSink() {
            @Override
            public void onEvents(List<NumberedEvent> events) {
                whenRunning(() -> sink.onEvents(events));
            }

            @Override
            public void onBroken(TransportException cause) {
                whenRunning(() -> sink.onBroken(cause));
            }
        });
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
