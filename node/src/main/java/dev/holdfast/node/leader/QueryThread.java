package dev.holdfast.node.leader;

import dev.holdfast.client.time.TimerThread;
import dev.holdfast.client.transport.TransportException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Answers queries on a thread of its own. It reads the state under the replica's lock, which may take long, and the threads
 * that bring queries bring keep-alives and commands too. It is one thread, for all groups of a peer: so no entry waits for
 * more than one query before it is applied, and listings that never end take one processor at most.
 *
 * <p>How many queries may wait is bounded. One more fails as {@code BUSY} at once.
 */
public final class QueryThread implements AutoCloseable {
    private static final int QUERIES_MAX = 8192;

    private final Executor executor;
    private final Runnable end;
    private final int queriesMax;
    private final Semaphore places;

    /** A thread of that name. */
    public QueryThread(String name) {
        this(name, QUERIES_MAX);
    }

    QueryThread(String name, int queriesMax) {
        this(TimerThread.newDaemon(name), queriesMax);
    }

    private QueryThread(ScheduledExecutorService own, int queriesMax) {
        this(own, own::shutdown, queriesMax);
    }

    private QueryThread(Executor executor, Runnable end, int queriesMax) {
        this.executor = executor;
        this.end = end;
        this.queriesMax = queriesMax;
        this.places = new Semaphore(queriesMax);
    }

    /** No thread: queries are answered in place. */
    static QueryThread none() {
        return new QueryThread(Runnable::run, () -> {}, Integer.MAX_VALUE);
    }

    /** Completes with the answer, which is computed once {@code confirm} has completed; fails if either fails. */
    <T> CompletableFuture<T> answer(Supplier<CompletableFuture<Void>> confirm, Supplier<T> answer) {
        CompletableFuture<T> result = new CompletableFuture<>();
        if (!places.tryAcquire()) {
            result.completeExceptionally(new TransportException(
                    TransportException.Kind.BUSY, queriesMax + " queries are waiting for this peer"));
            return result;
        }
        confirm.get().whenComplete((done, failure) -> {
            if (failure == null) {
                execute(result, answer);
            } else {
                places.release();
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    private <T> void execute(CompletableFuture<T> result, Supplier<T> answer) {
        try {
            executor.execute(() -> run(result, answer));
        } catch (RejectedExecutionException closed) {
            places.release();
            result.completeExceptionally(NotLeading.anyMore());
        }
    }

    private <T> void run(CompletableFuture<T> result, Supplier<T> answer) {
        try {
            // Nobody wants it any more if its client is gone.
            if (!result.isDone()) {
                result.complete(answer.get());
            }
        } catch (Throwable e) {
            result.completeExceptionally(e);
        } finally {
            places.release();
        }
    }

    /** Ends the thread once it has answered what waits; whatever comes later fails. */
    @Override
    public void close() {
        end.run();
    }
}
