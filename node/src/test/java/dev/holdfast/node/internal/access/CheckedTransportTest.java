package dev.holdfast.node.internal.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.transport.EventSink;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeepAliveReply;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.NumberedEvent;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Outcome.Granted;
import dev.holdfast.protocol.Outcome.Rejected;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.protocol.SubmitReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class CheckedTransportTest {
    private static final Principal ALICE = new Principal("alice", Set.of());
    private static final Principal BOB = new Principal("bob", Set.of());

    private final OneLeader leader = new OneLeader();
    private final CheckedTransport alice = leader.as(ALICE);
    private final CheckedTransport bob = leader.as(BOB);

    private static Command.Acquire acquire(String key, Owner owner) {
        return new Command.Acquire(LockableKey.mutex(key), owner, 1, 1, false, Lease.SESSION, 0);
    }

    private static Command.Acquire acquire(String key) {
        return acquire(key, Owner.of("user", "ann"));
    }

    private SessionBatch lastBatch() {
        Batch entry = leader.appended.get(leader.appended.size() - 1);
        return entry.sessions().get(0);
    }

    @Test
    void what_is_forbidden_is_taken_out_of_its_batch_and_answered_in_its_place() {
        leader.rules("alice lock t/");
        SessionId session = OneLeader.open(alice, 2);

        List<Outcome> outcomes =
                OneLeader.all(alice, session, 1, acquire("t/1"), acquire("x/1"), acquire("t/2"), acquire("x/2"));

        assertThat(outcomes.get(0)).isInstanceOf(Granted.class);
        assertThat(outcomes.get(1))
                .isEqualTo(new Rejected(
                        RejectionCode.FORBIDDEN,
                        "principal 'alice' lacks 'lock' on 'x/1': an admin can grant it with"
                                + " 'holdfast rules add alice lock x/'"));
        assertThat(outcomes.get(2)).isInstanceOf(Granted.class);
        assertThat(outcomes.get(3)).isInstanceOf(Rejected.class);
        assertThat(lastBatch().commands())
                .extracting(SequencedCommand::sequence)
                .containsExactly(1L, 3L);
    }

    @Test
    void the_session_goes_on_with_later_numbers() {
        leader.rules("alice lock t/");
        SessionId session = OneLeader.open(alice, 2);
        OneLeader.all(alice, session, 1, acquire("x/1"), acquire("x/2"));

        assertThat(OneLeader.only(alice, session, 3, acquire("t/1"))).isInstanceOf(Granted.class);
    }

    @Test
    void an_answer_without_an_entry_has_the_log_time_of_its_arrival_from_one_who_still_leads() {
        leader.rules("alice lock t/");
        SessionId session = OneLeader.open(alice, 2);
        leader.timers.advance(Duration.ofMillis(1234));
        SessionBatch batch = new SessionBatch(session, 0, 0, List.of(new SequencedCommand(1, acquire("x/1"))));

        SubmitReply reply = alice.submit(batch).join();
        assertThat(reply.logTimeMs()).isEqualTo(1234);

        leader.isDeposed = true;
        assertThatThrownBy(() -> alice.submit(batch).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(TransportException.class);
    }

    @Test
    void a_rule_counts_as_soon_as_it_is_applied_and_so_does_its_end() {
        leader.rules("alice lock t/");
        SessionId session = OneLeader.open(alice, 2);
        assertThat(OneLeader.only(alice, session, 1, acquire("x/1"))).isInstanceOf(Rejected.class);

        leader.rules("alice lock x/");
        assertThat(OneLeader.only(alice, session, 2, acquire("x/1"))).isInstanceOf(Granted.class);
        leader.asAdmin(new Command.RemoveRule(Rule.parse("alice lock x/")));
        assertThat(OneLeader.only(alice, session, 3, acquire("x/2"))).isInstanceOf(Rejected.class);
    }

    @Test
    void several_at_once_are_forbidden_if_one_of_them_is() {
        leader.rules("alice lock t/");
        SessionId session = OneLeader.open(alice, 2);
        Outcome outcome = OneLeader.only(
                alice,
                session,
                1,
                new Command.AcquireAll(
                        List.of(LockableKey.mutex("t/1"), LockableKey.mutex("x/1")),
                        Owner.of("user", "ann"),
                        false,
                        Lease.SESSION,
                        0));

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.detail()).contains("'x/1'"));
    }

    @Test
    void an_owner_can_be_bound_to_the_principal() {
        leader.rules("alice lock t/ owner", "bob lock t/ within");
        SessionId hers = OneLeader.open(alice, 2);
        SessionId his = OneLeader.open(bob, 3);

        assertThat(OneLeader.only(alice, hers, 1, acquire("t/1", Owner.of("user", "alice"))))
                .isInstanceOf(Granted.class);
        assertThat(OneLeader.only(alice, hers, 2, acquire("t/2", Owner.of("user", "bob"))))
                .isEqualTo(new Rejected(
                        RejectionCode.FORBIDDEN,
                        "principal 'alice' may lock 't/2' only for owners that have its name, as their id or within, and"
                                + " not for 'user:bob'"));
        Owner within = new Owner("user", "ann", new Owner.Scope("tenant", "bob"));
        assertThat(OneLeader.only(bob, his, 1, acquire("t/3", within))).isInstanceOf(Granted.class);
        assertThat(OneLeader.only(bob, his, 2, acquire("t/4", Owner.of("user", "bob"))))
                .isInstanceOf(Rejected.class);
    }

    @Test
    void listings_show_what_may_be_read_and_one_s_own_sessions() {
        leader.rules("alice read t/", "bob lock *");
        SessionId hers = OneLeader.open(alice, 2);
        SessionId his = OneLeader.open(bob, 3);
        OneLeader.all(bob, his, 1, acquire("s/1"), acquire("t/1"), acquire("u/1"));

        Answer.LockablePage seen = (Answer.LockablePage)
                alice.query(new Query.ListLockables("", null, 10)).join();
        assertThat(seen.lockables()).extracting(view -> view.lockable().key()).containsExactly("t/1");
        Answer.SessionPage sessions = (Answer.SessionPage)
                alice.query(new Query.ListSessions(SessionId.NONE, 10)).join();
        assertThat(sessions.sessions()).extracting(session -> session.id()).containsExactly(hers);
        Answer.SessionPage all = (Answer.SessionPage) leader.as(OneLeader.ADMIN)
                .query(new Query.ListSessions(SessionId.NONE, 10))
                .join();
        assertThat(all.sessions()).extracting(session -> session.principal()).contains("root", "alice", "bob");
    }

    @Test
    void whoever_opened_a_session_may_end_it_from_elsewhere() {
        leader.rules("alice lock t/", "bob lock t/");
        SessionId hers = OneLeader.open(alice, 2);
        SessionId nobody = new SessionId(99, 0);

        assertThat(OneLeader.only(bob, nobody, 0, new Command.EndSession(hers))).isInstanceOf(Rejected.class);
        assertThat(OneLeader.only(alice, nobody, 0, new Command.EndSession(hers)))
                .isEqualTo(new Outcome.Acknowledged());
    }

    @Test
    void the_leader_says_who_sent_it_whatever_the_client_says() {
        leader.rules("alice force t/");
        SessionId session = OneLeader.open(alice, 2);
        Caller forged = new Caller("root", "127.0.0.1", 7);
        alice.submit(new SessionBatch(
                        session,
                        0,
                        0,
                        List.of(new SequencedCommand(
                                1, new Command.ForceRelease(LockableKey.mutex("t/1"), Command.ForceRelease.ANY_TOKEN))),
                        forged))
                .join();
        Caller alices = new Caller("alice", "10.0.0.7", OneLeader.NOW.toEpochMilli());
        assertThat(lastBatch().caller()).isEqualTo(alices);

        alice.submit(new SessionBatch(session, 0, 0, List.of(new SequencedCommand(2, acquire("t/1"))), forged))
                .join();
        assertThat(lastBatch().caller()).isEqualTo(Caller.NOBODY);
        Answer.AuditPage audit = (Answer.AuditPage)
                leader.as(OneLeader.ADMIN).query(new Query.Audit(0, 10)).join();
        assertThat(audit.records())
                .filteredOn(each -> each.action().equals(AuditRecord.FORCE_RELEASE))
                .extracting(each -> each.principal())
                .containsExactly("alice");
    }

    @Test
    void somebody_else_s_session_is_as_good_as_gone() {
        leader.rules("* lock *");
        SessionId hers = OneLeader.open(alice, 2);
        List<TransportException> broken = new ArrayList<>();

        assertThat(bob.keepAlive(hers).join()).isInstanceOf(KeepAliveReply.Gone.class);
        assertThat(alice.keepAlive(hers)).isNotCompletedExceptionally();
        bob.subscribe(hers, 0, new EventSink() {
            @Override
            public void onEvents(List<NumberedEvent> events) {
                throw new AssertionError("there are none for bob: " + events);
            }

            @Override
            public void onBroken(TransportException cause) {
                broken.add(cause);
            }
        });
        assertThat(broken)
                .singleElement()
                .satisfies(cause -> assertThat(cause).hasMessageContaining("is not open, as far as this peer knows"));
        assertThat(leader.refusals.count(Denial.OTHERS_SESSION)).isEqualTo(2);
    }

    @Test
    void one_who_does_not_lead_says_so_before_it_judges() {
        leader.rules("alice read t/");
        leader.local.end();

        assertThatThrownBy(() -> alice.query(new Query.Audit(0, 10)).join())
                .hasCauseInstanceOf(TransportException.class)
                .hasMessageContaining("lead");
    }

    @Test
    void where_access_is_open_rules_bind_nobody() {
        leader.rules("bob read t/");
        CheckedTransport open = new CheckedTransport(
                leader.local,
                BOB,
                "",
                CurrentRights.of(BOB, AccessOptions.open(), leader.replica::rules),
                () -> OneLeader.NOW,
                leader.refusals);
        SessionId session = OneLeader.open(open, 3);

        assertThat(OneLeader.only(open, session, 1, acquire("x/1"))).isInstanceOf(Granted.class);
    }
}
