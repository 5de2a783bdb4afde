package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.AuditRecord;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.protocol.SessionId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InspectorTest {
    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open(1L << 40);
    private final TestSession two = scenario.open(1L << 33);

    @Test
    void a_lockable_shows_its_holds_and_the_first_waiters() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        two.acquire(MUTEX, BOB, Lease.SESSION, 70);
        two.acquireOrWait(MUTEX, CAT);
        scenario.tickAfter(30);

        Answer.SessionView first = new Answer.SessionView(one.id().shortForm(), "host", "name", "", "");
        Answer.SessionView second = new Answer.SessionView(two.id().shortForm(), "host", "name", "", "");
        assertThat(scenario.machine().answer(new Query.Inspect(MUTEX, 1)))
                .isEqualTo(new Answer.LockableView(
                        MUTEX,
                        1,
                        List.of(new Answer.HoldView(ANN, 1, 1, LeaseKind.TTL, 30, 70, List.of(first))),
                        2,
                        List.of(new Answer.WaiterView(BOB, 1, 1, 30, 40, second))));
    }

    @Test
    void ages_and_leases_advance_while_the_log_stands_still() {
        one.acquire(MUTEX, ANN, Lease.ttl(100), 0);
        long now = scenario.machine().logTimeMs();

        assertThat(holdAt(now + 60).heldForMs()).isEqualTo(60);
        assertThat(holdAt(now + 60).leaseLeftMs()).isEqualTo(40);
        assertThat(holdAt(now + 200).leaseLeftMs()).isZero();
        assertThat(holdAt(now - 60).heldForMs()).isZero();
    }

    private Answer.HoldView holdAt(long nowMs) {
        Answer.LockableView view = (Answer.LockableView) scenario.machine().answer(new Query.Inspect(MUTEX, 10), nowMs);
        return view.holds().get(0);
    }

    @Test
    void what_has_no_deadline_never_ends() {
        one.acquire(MUTEX, ANN, Lease.UNTIL_RELEASED, 0);
        two.acquireOrWait(MUTEX, BOB);

        Answer.LockableView view = (Answer.LockableView) scenario.machine().answer(new Query.Inspect(MUTEX, 10));

        assertThat(view.holds()).singleElement().satisfies(hold -> {
            assertThat(hold.lease()).isEqualTo(LeaseKind.UNTIL_RELEASED);
            assertThat(hold.leaseLeftMs()).isEqualTo(LogTime.NEVER);
        });
        assertThat(view.waiters())
                .singleElement()
                .satisfies(waiter -> assertThat(waiter.waitLeftMs()).isEqualTo(LogTime.NEVER));
    }

    @Test
    void an_idle_lockable_shows_nothing() {
        assertThat(scenario.machine().answer(new Query.Inspect(POOL, 0)))
                .isEqualTo(new Answer.LockableView(POOL, 0, List.of(), 0, List.of()));
    }

    @Test
    void lockables_are_listed_page_by_page_in_key_order() {
        for (String key : List.of("job/3", "job/1", "user/1", "job/2")) {
            one.acquire(LockableKey.mutex(key), ANN);
        }
        one.acquirePermits(LockableKey.semaphore("job/1"), ANN, 1, 1);

        Answer.LockablePage first = list("job/", null, 2);
        assertThat(keys(first)).containsExactly(LockableKey.mutex("job/1"), LockableKey.semaphore("job/1"));
        assertThat(first.more()).isTrue();
        Answer.LockablePage second = list("job/", LockableKey.semaphore("job/1"), 2);
        assertThat(keys(second)).containsExactly(LockableKey.mutex("job/2"), LockableKey.mutex("job/3"));
        assertThat(second.more()).isFalse();
        assertThat(keys(list("", null, Limits.PAGE_SIZE_MAX))).hasSize(5);
    }

    @Test
    void sessions_are_listed_page_by_page_in_id_order() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);
        scenario.tickAfter(20);

        assertThat(scenario.machine().answer(new Query.ListSessions(SessionId.NONE, 1)))
                .isEqualTo(new Answer.SessionPage(
                        List.of(new Answer.SessionSummary(two.id(), "host", "name", "", "", 1000, 20, 0, 1)), true));
        assertThat(scenario.machine().answer(new Query.ListSessions(two.id(), 1)))
                .isEqualTo(new Answer.SessionPage(
                        List.of(new Answer.SessionSummary(one.id(), "host", "name", "", "", 1000, 20, 1, 0)), false));
    }

    @Test
    void a_listing_shows_what_is_visible_page_by_page_without_gaps() {
        for (String key : List.of("a/1", "a/2", "b/1", "b/x/1", "b/x/2", "c/1", "c/2", "d/1")) {
            one.acquire(LockableKey.mutex(key), ANN);
        }
        one.acquirePermits(LockableKey.semaphore("c/1"), ANN, 1, 1);
        Visibility some = Visibility.of(List.of("c/", "b/x/", "b/x/2", "a/2", "nothing/"), null);

        assertThat(pages("", 2, some))
                .containsExactly(
                        List.of("MUTEX a/2", "MUTEX b/x/1"),
                        List.of("MUTEX b/x/2", "MUTEX c/1"),
                        List.of("SEMAPHORE c/1", "MUTEX c/2"));
        assertThat(pages("b/", 2, some)).containsExactly(List.of("MUTEX b/x/1", "MUTEX b/x/2"));
        assertThat(pages("c/1", 1, some)).containsExactly(List.of("MUTEX c/1"), List.of("SEMAPHORE c/1"));
        assertThat(pages("d/", 2, some)).containsExactly(List.of());
        assertThat(pages("", 100, Visibility.of(List.of(), null))).containsExactly(List.of());
        assertThat(pages("", 100, Visibility.of(List.of("b/", ""), null)))
                .singleElement()
                .satisfies(all -> assertThat(all).hasSize(9));
    }

    private List<List<String>> pages(String prefix, int max, Visibility visibility) {
        List<List<String>> pages = new ArrayList<>();
        LockableKey after = null;
        for (boolean more = true; more; ) {
            Answer.LockablePage page = (Answer.LockablePage)
                    scenario.machine().answer(new Query.ListLockables(prefix, after, max), 0, visibility);
            pages.add(
                    keys(page).stream().map(key -> key.kind() + " " + key.key()).toList());
            more = page.more();
            after = more ? keys(page).get(page.lockables().size() - 1) : null;
        }
        return pages;
    }

    @Test
    void those_that_nobody_waits_for_may_be_left_out() {
        for (String key : List.of("a", "b", "c", "d")) {
            one.acquire(LockableKey.mutex(key), ANN);
        }
        two.acquireOrWait(LockableKey.mutex("b"), BOB);
        two.acquireOrWait(LockableKey.mutex("c"), BOB);

        assertThat(keys(waitedFor("", null, 10))).extracting(LockableKey::key).containsExactly("b", "c");
        assertThat(waitedFor("", null, 1)).satisfies(page -> {
            assertThat(keys(page)).extracting(LockableKey::key).containsExactly("b");
            assertThat(page.more()).isTrue();
        });
        assertThat(keys(waitedFor("", LockableKey.mutex("b"), 10)))
                .extracting(LockableKey::key)
                .containsExactly("c");
        assertThat(keys(waitedFor("d", null, 10))).isEmpty();
    }

    private Answer.LockablePage waitedFor(String prefix, LockableKey after, int max) {
        return (Answer.LockablePage) scenario.machine().answer(new Query.ListLockables(prefix, after, max, true));
    }

    @Test
    void somebody_may_see_the_sessions_of_one_principal_only() {
        TestSession alice = scenario.openAs(new Caller("alice", "10.0.0.7", 1));
        TestSession bob = scenario.openAs(new Caller("bob", "10.0.0.7", 1));
        TestSession second = scenario.openAs(new Caller("alice", "", 1));

        assertThat(sessions("alice", SessionId.NONE, 1)).containsExactly(alice.id());
        assertThat(sessions("alice", alice.id(), 1)).containsExactly(second.id());
        assertThat(sessions("bob", SessionId.NONE, 10)).containsExactly(bob.id());
        assertThat(sessions("carol", SessionId.NONE, 10)).isEmpty();
        assertThat(sessions(null, SessionId.NONE, 10)).hasSize(5);
        alice.close();
        assertThat(sessions("alice", SessionId.NONE, 10)).containsExactly(second.id());
    }

    private List<SessionId> sessions(String principal, SessionId after, int max) {
        Answer.SessionPage page = (Answer.SessionPage)
                scenario.machine().answer(new Query.ListSessions(after, max), 0, Visibility.of(List.of(), principal));
        return page.sessions().stream().map(Answer.SessionSummary::id).toList();
    }

    @Test
    void a_session_shows_who_opened_it_and_from_where() {
        TestSession alice = scenario.openAs(new Caller("alice", "10.0.0.7", 1));
        alice.acquire(MUTEX, ANN);

        Answer.SessionView shown = new Answer.SessionView(alice.id().shortForm(), "host", "name", "alice", "10.0.0.7");
        assertThat(holdAt(0).sessions()).containsExactly(shown);
        assertThat(scenario.machine().answer(new Query.ListSessions(SessionId.NONE, 1)))
                .isEqualTo(new Answer.SessionPage(
                        List.of(new Answer.SessionSummary(
                                alice.id(), "host", "name", "alice", "10.0.0.7", 1000, 0, 1, 0)),
                        true));
    }

    @Test
    void rules_are_listed_and_the_audit_page_by_page() {
        TestSession admin = scenario.openAs(new Caller("root", "10.0.0.7", 77));
        Rule rule = new Rule("alice", Role.LOCK, "", OwnerBinding.ANY);
        admin.send(new Command.PutRule(rule));
        admin.send(new Command.RemoveRule(rule));
        admin.send(new Command.PutRule(rule));

        assertThat(scenario.machine().answer(new Query.Rules())).isEqualTo(new Answer.RuleList(List.of(rule)));
        AuditRecord first = new AuditRecord(1, 77, "root", "10.0.0.7", AuditRecord.PUT_RULE, "alice lock *", "added");
        AuditRecord second =
                new AuditRecord(2, 77, "root", "10.0.0.7", AuditRecord.REMOVE_RULE, "alice lock *", "removed");
        AuditRecord third = new AuditRecord(3, 77, "root", "10.0.0.7", AuditRecord.PUT_RULE, "alice lock *", "added");
        assertThat(scenario.machine().answer(new Query.Audit(0, 2)))
                .isEqualTo(new Answer.AuditPage(List.of(first, second), true));
        assertThat(scenario.machine().answer(new Query.Audit(2, 2)))
                .isEqualTo(new Answer.AuditPage(List.of(third), false));
        assertThat(scenario.machine().answer(new Query.Audit(3, 2))).isEqualTo(new Answer.AuditPage(List.of(), false));
    }

    @Test
    void the_summary_counts() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);

        assertThat(scenario.machine().answer(new Query.Summary()))
                .isEqualTo(new Answer.StateSummary(
                        4, 1000, 1, 1, 1, 1, 1, 2, scenario.state().footprint.bytes(), 0));
    }

    @Test
    void a_query_out_of_range_is_refused() {
        int tooLarge = Limits.PAGE_SIZE_MAX + 1;
        for (Query query : List.of(
                new Query.Inspect(MUTEX, -1),
                new Query.Inspect(MUTEX, tooLarge),
                new Query.Inspect(LockableKey.mutex(""), 1),
                new Query.ListLockables("", null, 0),
                new Query.ListLockables("", null, tooLarge),
                new Query.Audit(0, 0),
                new Query.Audit(0, tooLarge),
                new Query.ListSessions(SessionId.NONE, 0),
                new Query.ListSessions(SessionId.NONE, tooLarge))) {
            assertThat(scenario.machine().answer(query))
                    .isInstanceOfSatisfying(
                            Answer.QueryRejected.class,
                            rejected -> assertThat(rejected.code()).isEqualTo(RejectionCode.INVALID));
        }
    }

    private Answer.LockablePage list(String prefix, LockableKey after, int max) {
        return (Answer.LockablePage) scenario.machine().answer(new Query.ListLockables(prefix, after, max));
    }

    private static List<LockableKey> keys(Answer.LockablePage page) {
        return page.lockables().stream().map(Answer.LockableView::lockable).toList();
    }
}
