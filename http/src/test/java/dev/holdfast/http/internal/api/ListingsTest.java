package dev.holdfast.http.internal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.client.transport.ClusterTransport;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.node.support.NoTransport;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ListingsTest {
    private static final LockableKey KEY = LockableKey.mutex("k");

    /** A leader that answers every question so. */
    private static Transport answering(CompletableFuture<Answer> answer) {
        return new NoTransport() {
            @Override
            public CompletableFuture<Answer> query(Query query) {
                return answer;
            }
        };
    }

    private static Problem problem(CompletableFuture<Answer> answer) {
        Listings listings = new Listings(
                ClusterTransport.ofOne(answering(answer)), new Asking(Runnable::run), InstantSource.system());
        Throwable failure = catchThrowable(() -> listings.history(KEY, Query.History.NEWEST, 10)
                .toCompletableFuture()
                .join());
        return Objects.requireNonNull(Problem.of(failure));
    }

    @Test
    void a_leader_that_does_not_know_the_question_is_said_to_be_too_old() {
        Problem problem = problem(CompletableFuture.failedFuture(
                new TransportException(Kind.REFUSED, "the request cannot be read: unknown query")));

        assertThat(problem.answer().status()).isEqualTo(501);
        assertThat(problem).hasMessageContaining("too old").hasMessageContaining("unknown query");
    }

    @Test
    void other_refusals_stay_what_they_are() {
        assertThat(problem(CompletableFuture.completedFuture(
                                new Answer.QueryRejected(RejectionCode.FORBIDDEN, "you may not")))
                        .answer()
                        .status())
                .isEqualTo(403);
        assertThat(problem(CompletableFuture.failedFuture(new TransportException(Kind.FORBIDDEN, "not you")))
                        .answer()
                        .status())
                .isEqualTo(403);
    }
}
