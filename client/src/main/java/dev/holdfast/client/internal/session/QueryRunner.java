package dev.holdfast.client.internal.session;

import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Query;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the leader, and asks again until the request timeout: a query changes nothing, so it may be repeated whatever
 * became of it. Needs no session. Any thread may start a query; its future is completed by a task of the serial executor.
 */
public final class QueryRunner {
    private final ClientContext context;
    private volatile boolean closed;

    public QueryRunner(ClientContext context) {
        this.context = context;
    }

    /** Fails with {@link LockException} only, and not later than the request timeout. */
    public CompletableFuture<Answer> ask(Query query, String operation) {
        return ask(() -> context.transport().query(query), QueryRunner::rejection, operation);
    }

    private static @Nullable LockException rejection(Answer answer) {
        return answer instanceof Answer.QueryRejected rejected
                ? Rejections.rejected(rejected.code(), rejected.detail())
                : null;
    }

    /**
     * The same, for anything else that changes nothing.
     *
     * @param question asks once; what it returns fails with {@link TransportException} only
     * @param judge what is wrong with an answer, {@code null} if nothing is
     */
    public <T> CompletableFuture<T> ask(
            Supplier<CompletableFuture<T>> question, Function<T, @Nullable LockException> judge, String operation) {
        Asking<T> asking = new Asking<>(question, judge, operation);
        context.serial().execute(asking::begin);
        return asking.result;
    }

    /** Refuses what comes from now on. */
    public void close() {
        closed = true;
    }

    private final class Asking<T> {
        private final Supplier<CompletableFuture<T>> question;
        private final Function<T, @Nullable LockException> judge;
        private final String operation;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private @Nullable TransportException lastFailure;
        private Timers.@Nullable Scheduled timeout;

        Asking(Supplier<CompletableFuture<T>> question, Function<T, @Nullable LockException> judge, String operation) {
            this.question = question;
            this.judge = judge;
            this.operation = operation;
        }

        void begin() {
            long timeoutNanos = context.options().requestTimeout().toNanos();
            timeout = context.after(timeoutNanos, () -> fail(new LockUnavailableException(operation, lastFailure)));
            attempt();
        }

        private void attempt() {
            if (closed) {
                fail(new LockClientClosedException(operation));
            } else if (!result.isDone()) {
                Futures.onDone(
                        Futures.guard(question),
                        (answer, failure) -> context.serial().execute(() -> onAnswer(answer, failure)));
            }
        }

        private void onAnswer(@Nullable T answer, @Nullable Throwable failure) {
            if (answer != null) {
                LockException rejection = judge.apply(answer);
                if (rejection != null) {
                    fail(rejection);
                    return;
                }
                cancelTimeout();
                result.complete(answer);
            } else {
                onFailure(TransportException.of(failure));
            }
        }

        private void onFailure(TransportException failure) {
            lastFailure = failure;
            if (failure.worthRetrying()) {
                context.metrics().retried();
                context.after(context.retryPauseNanos(), this::attempt);
            } else if (failure.kind() == TransportException.Kind.REFUSED) {
                fail(new LockRequestRejectedException(
                        LockRequestRejectedException.Reason.REFUSED,
                        "the peer refuses the " + operation + ": " + failure.getMessage()));
            } else {
                fail(new LockUnavailableException(operation, failure));
            }
        }

        private void fail(LockException failure) {
            cancelTimeout();
            result.completeExceptionally(failure);
        }

        private void cancelTimeout() {
            Timers.Scheduled scheduled = timeout;
            if (scheduled != null) {
                scheduled.cancel();
            }
        }
    }
}
