package dev.holdfast.client.internal.session;

import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.internal.pipeline.Rejections;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.Futures;
import dev.holdfast.client.time.Timers;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the leader, and asks again until the caller's time is up: a query changes nothing, so it may be repeated whatever
 * became of it. Needs no session. Any thread may start a query; its future is completed by a task of the serial executor.
 */
public final class QueryRunner {
    private final ClientContext context;
    private final Set<Asking<?>> underWay = new LinkedHashSet<>();
    private boolean closed;

    public QueryRunner(ClientContext context) {
        this.context = context;
    }

    /** Fails with {@link LockException} only, and within that time. */
    public CompletableFuture<Answer> ask(Query query, String operation, long timeoutNanos) {
        return ask(() -> context.transport().query(query), QueryRunner::rejection, operation, timeoutNanos);
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
            Supplier<CompletableFuture<T>> question,
            Function<T, @Nullable LockException> judge,
            String operation,
            long timeoutNanos) {
        Asking<T> asking = new Asking<>(question, judge, operation, timeoutNanos);
        context.serial().execute(asking::begin);
        return asking.result;
    }

    /** Ends a session, of whichever client. It may be repeated, and needs no session, as if it were a question. */
    public CompletableFuture<SubmitReply> endSession(SessionId session, String operation, long timeoutNanos) {
        SessionBatch batch = new SessionBatch(
                SessionId.unopened(), 0, 0, List.of(new SequencedCommand(0, new Command.EndSession(session))));
        return ask(() -> context.transport().submit(batch), QueryRunner::refusal, operation, timeoutNanos);
    }

    private static @Nullable LockException refusal(SubmitReply reply) {
        return reply.outcomes().get(0).outcome() instanceof Outcome.Rejected rejected
                ? Rejections.rejected(rejected.code(), rejected.detail())
                : null;
    }

    /** Fails what is under way, and refuses what comes from now on. To be called by a task of the serial executor. */
    public void close() {
        closed = true;
        List.copyOf(underWay).forEach(Asking::closed);
    }

    private final class Asking<T> {
        private final Supplier<CompletableFuture<T>> question;
        private final Function<T, @Nullable LockException> judge;
        private final String operation;
        private final long timeoutNanos;
        private int failures;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private @Nullable TransportException lastFailure;
        private Timers.@Nullable Scheduled timeout;

        Asking(
                Supplier<CompletableFuture<T>> question,
                Function<T, @Nullable LockException> judge,
                String operation,
                long timeoutNanos) {
            this.timeoutNanos = timeoutNanos;
            this.question = question;
            this.judge = judge;
            this.operation = operation;
        }

        void begin() {
            underWay.add(this);
            timeout = context.after(timeoutNanos, () -> fail(new LockUnavailableException(operation, lastFailure)));
            attempt();
        }

        void closed() {
            fail(new LockClientClosedException(operation));
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
                end();
                result.complete(answer);
            } else {
                onFailure(TransportException.of(failure));
            }
        }

        private void onFailure(TransportException failure) {
            lastFailure = failure;
            if (failure.worthRetrying()) {
                context.metrics().retried();
                context.after(context.retryPauseNanos(failures++), this::attempt);
            } else {
                fail(Rejections.refused(operation, failure));
            }
        }

        private void fail(LockException failure) {
            end();
            result.completeExceptionally(failure);
        }

        private void end() {
            underWay.remove(this);
            Timers.Scheduled scheduled = timeout;
            if (scheduled != null) {
                scheduled.cancel();
            }
        }
    }
}
