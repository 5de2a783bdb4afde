package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Query;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks leaders, again and again while there is none, until the time of the request is up. */
final class Asking {
    private static final long TIME_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_MS = 50;

    private final Executor executor;
    private final long deadlineNanos = System.nanoTime() + TIME_NANOS;

    /** The time of the request begins now. */
    Asking(Executor executor) {
        this.executor = executor;
    }

    <T extends Answer> CompletionStage<T> ask(Transport leader, Query query, Class<T> expected) {
        return attempt(() -> leader.query(query)).thenApply(answer -> {
            if (answer instanceof Answer.QueryRejected rejected) {
                throw Problem.of(rejected.code(), rejected.detail());
            }
            return expected.cast(answer);
        });
    }

    /** @param request may be made again if it fails, whether it took effect or not */
    <T> CompletionStage<T> attempt(Supplier<CompletableFuture<T>> request) {
        // Off the transport's threads, which must not be held up.
        return request.get()
                .thenApplyAsync(done -> done, executor)
                .exceptionallyComposeAsync(
                        failure -> {
                            TransportException cause = TransportException.of(failure);
                            if (!cause.worthRetrying() || System.nanoTime() - deadlineNanos >= 0) {
                                return CompletableFuture.failedStage(cause);
                            }
                            Executor later =
                                    CompletableFuture.delayedExecutor(PAUSE_MS, TimeUnit.MILLISECONDS, executor);
                            return CompletableFuture.supplyAsync(() -> attempt(request), later)
                                    .thenCompose(again -> again);
                        },
                        executor);
    }
}
