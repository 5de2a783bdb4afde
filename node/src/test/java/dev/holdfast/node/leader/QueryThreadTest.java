package dev.holdfast.node.leader;

import static dev.holdfast.node.leader.Batches.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Somebody reads the state and takes his time. */
class QueryThreadTest {
    private static final long PATIENCE_S = 60;

    private final ManualTimers timers = new ManualTimers();
    private final Replica replica = new Replica();
    private final FakeLog log = new FakeLog(replica);
    private final CountDownLatch read = new CountDownLatch(1);
    private final QueryThread queries = new QueryThread("queries", 2);
    private final LeaderTerm term = new LeaderTerm(1, replica, log, timers, queries, RoundMeter.NONE);
    private final SessionId session;

    QueryThreadTest() {
        replica.onApplied(term::applied);
        session = Batches.opened(term.submit(Batches.open(1, 60_000)).join());
    }

    @AfterEach
    void close() {
        read.countDown();
        queries.close();
    }

    private void readForLong() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        new Thread(() -> replica.read(machine -> {
                    begun.countDown();
                    return waitFor(read);
                }))
                .start();
        assertThat(begun.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
    }

    private static boolean waitFor(CountDownLatch latch) {
        try {
            return latch.await(PATIENCE_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoever_asks_does_not_wait_for_the_state_and_neither_does_a_keep_alive() throws Exception {
        readForLong();

        CompletableFuture<Answer> answer = term.query(new Query.Summary());
        CompletableFuture<KeepAliveReply> alive = term.keepAlive(session);
        timers.advance(Duration.ofSeconds(1));

        assertThat(alive).isCompleted();
        assertThat(answer).isNotDone();
        read.countDown();
        assertThat(answer.get(PATIENCE_S, TimeUnit.SECONDS)).isInstanceOf(Answer.StateSummary.class);
    }

    @Test
    void more_queries_than_may_wait_fail_as_busy_until_some_are_answered() throws Exception {
        readForLong();
        CompletableFuture<Answer> first = term.query(new Query.Summary());
        CompletableFuture<Answer> second = term.query(new Query.Summary());

        assertFailed(term.query(new Query.Summary()), Kind.BUSY);
        read.countDown();
        first.get(PATIENCE_S, TimeUnit.SECONDS);
        second.get(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(answerOnceThereIsRoom()).isInstanceOf(Answer.StateSummary.class);
    }

    /** A place is free right after the answer that had it. */
    private Answer answerOnceThereIsRoom() throws Exception {
        CompletableFuture<Answer> answer = term.query(new Query.Summary());
        while (answer.isCompletedExceptionally()) {
            answer = term.query(new Query.Summary());
        }
        return answer.get(PATIENCE_S, TimeUnit.SECONDS);
    }

    @Test
    void a_query_that_nobody_waits_for_any_more_keeps_its_place_until_its_turn() throws Exception {
        readForLong();
        CompletableFuture<Answer> first = term.query(new Query.Summary());
        term.query(new Query.Summary()).cancel(false);

        assertFailed(term.query(new Query.Summary()), Kind.BUSY);
        read.countDown();
        first.get(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(answerOnceThereIsRoom()).isInstanceOf(Answer.StateSummary.class);
    }

    @Test
    void a_round_that_fails_gives_the_places_back() {
        log.confirmsAtOnce = false;
        for (int i = 0; i < 10; i++) {
            CompletableFuture<Answer> answer = term.query(new Query.Summary());
            log.denyNext();
            assertFailed(answer, Kind.NO_LEADER);
        }
    }

    @Test
    void a_query_of_a_term_that_ends_meanwhile_is_not_answered() throws Exception {
        readForLong();
        CompletableFuture<Answer> first = term.query(new Query.Summary());
        CompletableFuture<Answer> second = term.query(new Query.Summary());

        term.close();
        read.countDown();

        assertThat(first.handle((answer, failure) -> true).get(PATIENCE_S, TimeUnit.SECONDS))
                .isTrue();
        assertThat(second.handle((answer, failure) -> failure).get(PATIENCE_S, TimeUnit.SECONDS))
                .isInstanceOf(TransportException.class);
    }

    @Test
    void a_thread_that_is_closed_answers_what_waits_and_refuses_the_rest() throws Exception {
        readForLong();
        CompletableFuture<Answer> waiting = term.query(new Query.Summary());

        queries.close();

        assertFailed(term.query(new Query.Summary()), Kind.NO_LEADER);
        read.countDown();
        assertThat(waiting.get(PATIENCE_S, TimeUnit.SECONDS)).isInstanceOf(Answer.StateSummary.class);
    }
}
