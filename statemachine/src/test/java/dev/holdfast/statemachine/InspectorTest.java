package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.RejectionCode;
import dev.holdfast.protocol.SessionId;
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
