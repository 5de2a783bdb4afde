package dev.holdfast.node.leader;

import static dev.holdfast.node.leader.Batches.acquire;
import static dev.holdfast.node.leader.Batches.assertFailed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.KeepAliveReply.Alive;
import dev.holdfast.protocol.KeepAliveReply.Gone;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SessionId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeaderTermTest {
    /** For so long the answer to the first keep-alive in a term is held back. */
    private static final long GATHER_MS = TimeUnit.NANOSECONDS.toMillis(SessionLeases.PATIENCE_UNSURE_NANOS);

    /** A wake-up serves what is due within so many milliseconds. */
    private static final long WAKE_APART_MS = 3;

    private final ManualTimers timers = new ManualTimers();
    private final Replica replica = new Replica();
    private final FakeLog log = new FakeLog(replica);
    private LeaderTerm term;

    @BeforeEach
    void begin_the_first_term() {
        beginTerm(1);
    }

    private void beginTerm(long number) {
        term = new LeaderTerm(number, replica, log, timers);
        replica.onApplied(term::applied);
    }

    private SessionId open(long nonce, long leaseMs) {
        return Batches.opened(term.submit(Batches.open(nonce, leaseMs)).join());
    }

    private boolean isOpen(SessionId session) {
        return replica.read(machine -> machine.eventsAfter(session, 0)) != null;
    }

    private boolean isHeld(String key) {
        Answer answer = replica.read(machine -> machine.answer(new Query.Inspect(LockableKey.mutex(key), 0)));
        return ((Answer.LockableView) answer).held() > 0;
    }

    @Test
    void a_silent_session_is_expired_after_its_lease_and_not_before() {
        SessionId session = open(1, 1000);

        timers.advance(Duration.ofMillis(999));
        assertThat(log.systemCommands()).isEmpty();
        timers.advance(Duration.ofMillis(1 + WAKE_APART_MS));
        assertThat(log.systemCommands()).containsExactly(new Command.ExpireSession(session));
        assertThat(isOpen(session)).isFalse();
        timers.advance(Duration.ofMillis(10_000));
        assertThat(log.systemCommands()).hasSize(1);
    }

    @Test
    void a_session_lives_on_by_keep_alives_without_a_log_entry() {
        SessionId session = open(1, 1000);
        int entries = log.appended.size();

        for (int i = 0; i < 100; i++) {
            timers.advance(Duration.ofMillis(900));
            assertThat(keepAlive(session).join()).isInstanceOf(Alive.class);
        }

        assertThat(log.appended).hasSize(entries);
        timers.advance(Duration.ofMillis(999 - GATHER_MS));
        assertThat(isOpen(session)).isTrue();
        timers.advance(Duration.ofMillis(1 + WAKE_APART_MS));
        assertThat(isOpen(session)).isFalse();
    }

    @Test
    void what_happened_is_answered_once_this_peer_still_led_after_the_question_and_the_next_term_knows_it() {
        SessionId session = open(1, 60_000);
        var unused =
                term.submit(Batches.of(session, 1, acquire("k", Lease.SESSION))).join();
        Query query = new Query.History(LockableKey.mutex("k"), Query.History.NEWEST, 10);
        log.confirmsAtOnce = false;
        CompletableFuture<Answer> answer = term.query(query);
        assertThat(answer).isNotDone();
        log.confirmNext();
        assertThat(((Answer.HistoryPage) answer.join()).changes()).hasSize(1);

        log.confirmsAtOnce = true;
        term.close();
        assertFailed(term.query(query), Kind.NO_LEADER);
        beginTerm(2);
        assertThat(((Answer.HistoryPage) term.query(query).join()).changes()).hasSize(1);
    }

    @Test
    void a_keep_alive_counts_from_its_arrival_not_from_its_answer() {
        log.confirmsAtOnce = false;
        SessionId session = open(1, 1000);
        timers.advance(Duration.ofMillis(500));
        CompletableFuture<KeepAliveReply> reply = keepAlive(session);
        timers.advance(Duration.ofMillis(400));

        log.confirmNext();

        assertThat(reply.join()).isInstanceOf(Alive.class);
        timers.advance(Duration.ofMillis(599 - GATHER_MS));
        assertThat(isOpen(session)).isTrue();
        timers.advance(Duration.ofMillis(1 + WAKE_APART_MS));
        assertThat(isOpen(session)).isFalse();
    }

    @Test
    void a_keep_alive_that_comes_at_the_last_moment_is_answered_before_the_lease_is_over() {
        SessionId session = open(1, 60_000);
        keepAlive(session);
        timers.advance(Duration.ofMillis(59_999 - GATHER_MS));

        CompletableFuture<KeepAliveReply> reply = term.keepAlive(session);
        timers.advance(Duration.ofMillis(1));

        assertThat(reply.join()).isInstanceOf(Alive.class);
        timers.advance(Duration.ofMillis(59_000));
        assertThat(isOpen(session)).isTrue();
    }

    @Test
    void the_log_time_of_a_keep_alive_is_that_of_its_arrival() {
        log.confirmsAtOnce = false;
        SessionId session = open(1, 10_000);
        timers.advance(Duration.ofMillis(500));
        CompletableFuture<KeepAliveReply> reply = keepAlive(session);
        timers.advance(Duration.ofMillis(400));
        log.confirmNext();

        assertThat(reply.join()).isEqualTo(new Alive(500));
    }

    @Test
    void a_keep_alive_is_not_answered_before_leadership_is_confirmed() {
        log.confirmsAtOnce = false;
        SessionId session = open(1, 1000);

        CompletableFuture<KeepAliveReply> reply = keepAlive(session);

        assertThat(log.confirmations).isEqualTo(1);
        assertThat(reply).isNotDone();
    }

    @Test
    void a_keep_alive_fails_when_leadership_is_not_confirmed() {
        log.confirmsAtOnce = false;
        SessionId session = open(1, 1000);
        CompletableFuture<KeepAliveReply> reply = keepAlive(session);

        log.denyNext();

        assertFailed(reply, Kind.NO_LEADER);
    }

    @Test
    void a_keep_alive_renews_on_arrival_however_long_its_answer_takes() {
        log.confirmsAtOnce = false;
        SessionId session = open(1, 1000);
        timers.advance(Duration.ofMillis(990 - GATHER_MS));
        CompletableFuture<KeepAliveReply> reply = keepAlive(session);

        timers.advance(Duration.ofMillis(900));
        assertThat(isOpen(session)).isTrue();
        log.confirmNext();

        assertThat(reply.join()).isInstanceOf(Alive.class);
    }

    @Test
    void a_keep_alive_that_joins_a_round_under_way_waits_for_the_next() {
        log.confirmsAtOnce = false;
        SessionId session = open(1, 1000);
        CompletableFuture<KeepAliveReply> first = keepAlive(session);
        CompletableFuture<KeepAliveReply> second = keepAlive(session);
        CompletableFuture<KeepAliveReply> third = keepAlive(session);

        log.confirmNext();
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        log.denyNext();
        assertFailed(second, Kind.NO_LEADER);
        assertFailed(third, Kind.NO_LEADER);
        assertThat(log.confirmations).isEqualTo(2);
    }

    /** It lands in a later term, in which it does nothing. */
    @Test
    void a_command_that_lands_after_its_term_is_not_taken_for_done() {
        CompletableFuture<Void> inTime = term.propose(new Command.Tick());
        assertThat(inTime).isCompleted();

        log.commitsAtOnce = false;
        CompletableFuture<Void> late = term.propose(new Command.Tick());
        term.close();
        log.commitNext();
        assertFailed(late, Kind.NO_LEADER);
    }

    @Test
    void a_session_whose_expiry_was_proposed_is_gone() {
        SessionId session = open(1, 1000);
        log.commitsAtOnce = false;
        timers.advance(Duration.ofMillis(1000 + WAKE_APART_MS));
        assertThat(log.uncommitted()).isEqualTo(1);
        assertThat(isOpen(session)).isTrue();

        assertThat(keepAlive(session).join()).isInstanceOf(Gone.class);
        log.failNext();
        assertThat(keepAlive(session).join()).isInstanceOf(Gone.class);
        timers.advance(Duration.ofMillis(100));
        log.commitNext();
        assertThat(isOpen(session)).isFalse();
        assertThat(keepAlive(session).join()).isInstanceOf(Gone.class);
    }

    @Test
    void a_keep_alive_whose_confirmation_comes_after_the_proposed_expiry_is_told_gone() {
        SessionId session = open(1, 1000);
        log.confirmsAtOnce = false;
        log.commitsAtOnce = false;
        CompletableFuture<KeepAliveReply> reply = keepAlive(session);
        timers.advance(Duration.ofMillis(1000 + WAKE_APART_MS));
        assertThat(log.uncommitted()).isEqualTo(1);

        log.confirmNext();

        assertThat(reply.join()).isInstanceOf(Gone.class);
    }

    @Test
    void a_session_that_nobody_opened_is_gone() {
        assertThat(keepAlive(new SessionId(7, 7)).join()).isInstanceOf(Gone.class);
    }

    @Test
    void a_closed_session_is_gone_and_not_expired() {
        SessionId session = open(1, 1000);
        term.submit(Batches.of(session, 1, new Command.CloseSession())).join();

        assertThat(keepAlive(session).join()).isInstanceOf(Gone.class);
        timers.advance(Duration.ofMillis(10_000));
        assertThat(log.systemCommands()).isEmpty();
    }

    @Test
    void sessions_that_lapse_together_are_expired_in_one_entry() {
        SessionId first = open(1, 1000);
        SessionId second = open(2, 1001);
        SessionId third = open(3, 5000);
        int entries = log.appended.size();

        timers.advance(Duration.ofMillis(1001 + WAKE_APART_MS));

        assertThat(isOpen(first)).isFalse();
        assertThat(isOpen(second)).isFalse();
        assertThat(isOpen(third)).isTrue();
        assertThat(log.appended.size() - entries).isBetween(1, 2);
    }

    @Test
    void an_expiry_that_was_not_committed_is_proposed_again() {
        SessionId session = open(1, 1000);
        log.failAppends(3);

        timers.advance(Duration.ofMillis(1000 + WAKE_APART_MS));
        assertThat(isOpen(session)).isTrue();
        timers.advance(Duration.ofMillis(1000));
        assertThat(isOpen(session)).isFalse();
        assertThat(log.systemCommands()).hasSize(4);
    }

    @Test
    void a_new_term_gives_every_session_a_full_lease() {
        SessionId session = open(1, 1000);
        timers.advance(Duration.ofMillis(900));
        term.close();
        timers.advance(Duration.ofMillis(5000));
        assertThat(log.systemCommands()).isEmpty();

        beginTerm(2);

        timers.advance(Duration.ofMillis(999));
        assertThat(isOpen(session)).isTrue();
        timers.advance(Duration.ofMillis(1 + WAKE_APART_MS));
        assertThat(isOpen(session)).isFalse();
        assertThat(log.appended.get(log.appended.size() - 1).term()).isEqualTo(2);
    }

    @Test
    void a_pause_of_this_process_gives_every_session_as_much_more() {
        SessionId brief = open(1, 1000);
        SessionId patient = open(2, 2500);
        timers.advance(Duration.ofMillis(10));

        timers.pause(Duration.ofMillis(2590));
        timers.advance(Duration.ZERO);

        // The wake-up for the first lapse came 1600 ms late.
        assertThat(isOpen(brief)).isFalse();
        assertThat(isOpen(patient)).isTrue();
        assertThat(keepAlive(patient).join()).isInstanceOf(Alive.class);
    }

    @Test
    void a_lease_that_ends_by_time_alone_is_ticked_when_due() {
        SessionId session = open(1, 60_000);
        term.submit(Batches.of(session, 1, acquire("k", Lease.ttl(500)))).join();

        timers.advance(Duration.ofMillis(499));
        assertThat(log.systemCommands()).isEmpty();
        assertThat(isHeld("k")).isTrue();
        timers.advance(Duration.ofMillis(1 + WAKE_APART_MS));
        assertThat(log.systemCommands()).containsExactly(new Command.Tick());
        assertThat(isHeld("k")).isFalse();
    }

    @Test
    void a_tick_that_was_not_committed_is_proposed_again() {
        SessionId session = open(1, 60_000);
        term.submit(Batches.of(session, 1, acquire("k", Lease.ttl(500)))).join();
        log.failAppends(2);

        timers.advance(Duration.ofMillis(500 + WAKE_APART_MS));
        assertThat(isHeld("k")).isTrue();
        timers.advance(Duration.ofMillis(1000));
        assertThat(isHeld("k")).isFalse();
        assertThat(log.systemCommands()).hasSize(3).containsOnly(new Command.Tick());
    }

    @Test
    void a_tick_on_its_way_is_not_proposed_twice() {
        SessionId session = open(1, 60_000);
        term.submit(Batches.of(session, 1, acquire("k", Lease.ttl(500)))).join();
        log.commitsAtOnce = false;

        timers.advance(Duration.ofMillis(2000));

        assertThat(log.systemCommands()).hasSize(1);
        log.commitNext();
        assertThat(isHeld("k")).isFalse();
        timers.advance(Duration.ofMillis(2000));
        assertThat(log.systemCommands()).hasSize(1);
    }

    @Test
    void an_extension_moves_the_tick() {
        SessionId session = open(1, 60_000);
        term.submit(Batches.of(session, 1, acquire("k", Lease.ttl(500)))).join();
        timers.advance(Duration.ofMillis(400));
        term.submit(Batches.of(session, 2, new Command.Extend(LockableKey.mutex("k"), Batches.OWNER, 1, 1000)))
                .join();

        timers.advance(Duration.ofMillis(999));
        assertThat(isHeld("k")).isTrue();
        timers.advance(Duration.ofMillis(1 + WAKE_APART_MS));
        assertThat(isHeld("k")).isFalse();
    }

    @Test
    void an_idle_term_writes_nothing() {
        timers.advance(Duration.ofMillis(3_600_000));
        assertThat(log.appended).isEmpty();
        assertThat(log.confirmations).isZero();
    }

    @Test
    void log_time_goes_on_where_the_last_term_s_entries_ended() {
        timers.advance(Duration.ofMillis(5000));
        open(1, 60_000);
        assertThat(log.appended.get(0).stampMs()).isEqualTo(5000);
        term.close();
        timers.advance(Duration.ofMillis(100_000));

        beginTerm(2);
        timers.advance(Duration.ofMillis(7));
        open(2, 60_000);

        assertThat(log.appended.get(1).stampMs()).isEqualTo(5007);
    }

    @Test
    void a_lease_with_a_ttl_is_not_cut_by_a_change_of_leader() {
        SessionId session = open(1, 600_000);
        term.submit(Batches.of(session, 1, acquire("k", Lease.ttl(500)))).join();
        timers.advance(Duration.ofMillis(400));
        term.close();
        timers.advance(Duration.ofMillis(5000));

        beginTerm(2);

        timers.advance(Duration.ofMillis(499));
        assertThat(isHeld("k")).isTrue();
        timers.advance(Duration.ofMillis(1 + WAKE_APART_MS));
        assertThat(isHeld("k")).isFalse();
    }

    @Test
    void a_query_is_answered_only_when_leadership_is_confirmed() {
        log.confirmsAtOnce = false;
        CompletableFuture<Answer> confirmed = term.query(new Query.Summary());
        assertThat(confirmed).isNotDone();
        log.confirmNext();
        assertThat(confirmed.join()).isInstanceOf(Answer.StateSummary.class);

        CompletableFuture<Answer> denied = term.query(new Query.Summary());
        log.denyNext();
        assertFailed(denied, Kind.NO_LEADER);
    }

    @Test
    void a_term_that_is_over_answers_nothing() {
        log.confirmsAtOnce = false;
        SessionId session = open(1, 1000);
        CompletableFuture<KeepAliveReply> keepAlive = term.keepAlive(session);
        CompletableFuture<Answer> query = term.query(new Query.Summary());

        term.close();
        log.confirmNext();

        assertFailed(keepAlive, Kind.NO_LEADER);
        assertFailed(query, Kind.NO_LEADER);
        assertFailed(term.submit(Batches.open(2, 1000)), Kind.NO_LEADER);
        assertFailed(term.keepAlive(session), Kind.NO_LEADER);
        assertFailed(term.query(new Query.Summary()), Kind.NO_LEADER);
        timers.advance(Duration.ofMillis(100_000));
        assertThat(log.systemCommands()).isEmpty();
    }

    @Test
    void an_entry_in_flight_when_the_term_ends_keeps_its_outcome() {
        log.commitsAtOnce = false;
        CompletableFuture<?> inFlight = term.submit(Batches.open(1, 1000));
        CompletableFuture<?> beside = term.submit(Batches.open(2, 1000));
        CompletableFuture<?> waiting = term.submit(Batches.open(3, 1000));

        term.close();

        assertFailed(waiting, Kind.NO_LEADER);
        assertThat(inFlight).isNotDone();
        assertThat(beside).isNotDone();
        log.failNext();
        assertFailed(inFlight, Kind.OUTCOME_UNKNOWN);
        log.commitNext();
        assertThat(beside).isCompleted();
    }

    /** It has gathered with others, and its round has begun. */
    private CompletableFuture<KeepAliveReply> keepAlive(SessionId session) {
        CompletableFuture<KeepAliveReply> reply = term.keepAlive(session);
        timers.advance(Duration.ofMillis(GATHER_MS));
        return reply;
    }
}
