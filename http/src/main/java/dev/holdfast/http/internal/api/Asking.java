package dev.holdfast.http.internal.api;

import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SubmitReply;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpStatus;

/** Asks leaders, again and again while there is none, until the time of the request is up. */
final class Asking {
    private static final long TIME_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_MS = 50;
    private static final int UNANSWERED_MAX = 2;

    private final Executor executor;
    private final long deadlineNanos = System.nanoTime() + TIME_NANOS;

    /** The time of the request begins now. */
    Asking(Executor executor) {
        this.executor = executor;
    }

    <T extends Answer> CompletionStage<T> ask(Transport leader, Query query, Class<T> expected) {
        return attempt(() -> leader.query(query), false, UNANSWERED_MAX)
                .exceptionallyCompose(Asking::unanswered)
                .thenApply(answer -> {
                    if (answer instanceof Answer.QueryRejected rejected) {
                        throw Problem.of(rejected.code(), rejected.detail());
                    }
                    return expected.cast(answer);
                });
    }

    /** Whether a session is open in all groups. */
    CompletionStage<Boolean> open(ClusterTransport cluster, HttpSession session) {
        CompletionStage<Boolean> all = CompletableFuture.completedStage(true);
        for (int group = 0; group < session.groups(); group++) {
            int each = group;
            all = all.thenCombine(
                    attempt(() -> Liveness.ask(cluster.group(each), session.id(each)), false, UNANSWERED_MAX)
                            .exceptionallyCompose(Asking::unanswered),
                    Boolean::logicalAnd);
        }
        return all;
    }

    /** A question has no outcome that could be unknown, and a renewal none that matters. */
    static <T> CompletionStage<T> unanswered(Throwable failure) {
        TransportException cause = TransportException.of(failure);
        return CompletableFuture.failedStage(
                cause.maybeApplied()
                        ? new Problem(
                                        HttpStatus.SERVICE_UNAVAILABLE_503,
                                        "the leader did not answer in time: " + cause.getMessage())
                                .retryAfter(Problem.RETRY_AFTER_S)
                        : cause);
    }

    /** Submits a batch. It takes effect once, however often it is sent. */
    CompletionStage<SubmitReply> submit(Transport leader, SessionBatch batch) {
        return attempt(() -> leader.submit(batch))
                .exceptionallyCompose(failure -> CompletableFuture.failedStage(Problem.ofRepeatable(failure)));
    }

    /**
     * Makes a request until it is answered.
     *
     * @param request may be made again if it fails, whether it took effect or not
     */
    <T> CompletionStage<T> attempt(Supplier<CompletableFuture<T>> request) {
        return attempt(request, false, Integer.MAX_VALUE);
    }

    /**
     * Makes it until it is answered, or the time is up.
     *
     * @param maybeApplied whether an earlier attempt may have taken effect
     * @param unansweredMax how many attempts may go without an answer: whoever is late has no time for another
     */
    private <T> CompletionStage<T> attempt(
            Supplier<CompletableFuture<T>> request, boolean maybeApplied, int unansweredMax) {
        // Off the transport's threads, which must not be held up.
        return request.get()
                .thenApplyAsync(done -> done, executor)
                .exceptionallyComposeAsync(
                        failure -> {
                            TransportException cause = TransportException.of(failure);
                            boolean maybe = maybeApplied || cause.maybeApplied();
                            int left = cause.maybeApplied() ? unansweredMax - 1 : unansweredMax;
                            if (!cause.worthRetrying() || left == 0 || System.nanoTime() - deadlineNanos >= 0) {
                                return CompletableFuture.failedStage(maybe ? unknown(cause) : cause);
                            }
                            Executor later =
                                    CompletableFuture.delayedExecutor(PAUSE_MS, TimeUnit.MILLISECONDS, executor);
                            return CompletableFuture.supplyAsync(() -> attempt(request, maybe, left), later)
                                    .thenCompose(again -> again);
                        },
                        executor);
    }

    /** That the last attempt did nothing says nothing of those before. */
    private static TransportException unknown(TransportException cause) {
        return cause.maybeApplied()
                ? cause
                : new TransportException(Kind.OUTCOME_UNKNOWN, String.valueOf(cause.getMessage()), cause);
    }
}
