package dev.holdfast.jepsen.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Each invariant against a history that breaks it, and its neighbour that does not. Times are in milliseconds. */
class InvariantTest {
    private static final String ALICE = "alice";
    private static final String BOB = "bob";

    private final List<Operation> history = new ArrayList<>();

    private void add(long from, long until, Call call, Result result) {
        boolean unknown = result instanceof Result.Unknown;
        history.add(new Operation(
                history.size(),
                "key",
                call,
                result,
                TimeUnit.MILLISECONDS.toNanos(from),
                unknown ? Operation.NEVER : TimeUnit.MILLISECONDS.toNanos(until)));
    }

    private static Call mutex(String owner) {
        return new Call.Acquire(owner, 1, 1, false, Call.Lease.TTL, 1000);
    }

    private static Call permits(String owner, int permits) {
        return new Call.Acquire(owner, permits, 3, false, Call.Lease.TTL, 1000);
    }

    private static Result token(long token) {
        return new Result.Granted(token, 1);
    }

    private List<String> broken() {
        return Invariant.checkAll(history).stream()
                .map(Violation::invariant)
                .distinct()
                .toList();
    }

    @Test
    void operations_in_sequence_break_nothing() {
        add(0, 10, mutex(ALICE), token(1));
        add(20, 30, new Call.Believe(ALICE, 1), new Result.Done());
        add(40, 50, new Call.Release(ALICE, 1, 0), new Result.Done());
        add(45, 60, mutex(BOB), token(2));
        assertThat(broken()).isEmpty();
    }

    @Test
    void a_token_granted_to_two_owners_is_a_violation() {
        add(0, 10, mutex(ALICE), token(1));
        add(11, 12, new Call.Release(ALICE, 1, 0), new Result.Unknown(""));
        add(5, 2000, mutex(BOB), token(1));
        assertThat(broken()).containsExactly("tokens rise");
    }

    @Test
    void a_token_below_an_earlier_one_is_a_violation() {
        add(0, 10, mutex(ALICE), token(7));
        add(11, 12, new Call.Release(ALICE, 7, 0), new Result.Done());
        add(20, 30, mutex(BOB), token(6));
        assertThat(broken()).containsExactly("tokens rise", "no return of a token");
    }

    @Test
    void a_token_below_a_concurrent_one_breaks_nothing() {
        add(0, 10, mutex(ALICE), token(7));
        add(11, 12, new Call.Release(ALICE, 7, 0), new Result.Done());
        add(9, 30, mutex(BOB), token(6));
        assertThat(broken()).isEmpty();
    }

    @Test
    void a_mutex_held_by_two_is_a_violation() {
        add(0, 10, mutex(ALICE), token(1));
        add(20, 30, mutex(BOB), token(2));
        assertThat(broken()).containsExactly("holds fit");
    }

    @Test
    void a_mutex_held_by_another_owner_when_the_lease_may_be_over_breaks_nothing() {
        add(0, 10, mutex(ALICE), token(1));
        add(990, 1000, mutex(BOB), token(2));
        assertThat(broken()).isEmpty();
    }

    @Test
    void a_mutex_held_by_another_owner_although_the_lease_was_extended_is_a_violation() {
        add(0, 10, mutex(ALICE), token(1));
        add(500, 510, new Call.Extend(ALICE, 1, 1000), new Result.Done());
        add(1100, 1110, mutex(BOB), token(2));
        assertThat(broken()).containsExactly("holds fit");
    }

    @Test
    void a_belief_that_outlives_the_hold_is_a_violation() {
        add(0, 10, mutex(ALICE), token(1));
        add(1100, 1110, mutex(BOB), token(2));
        add(1120, 1121, new Call.Believe(ALICE, 1), new Result.Done());
        assertThat(broken()).containsExactly("holds fit", "no return of a token");
    }

    @Test
    void more_permits_than_there_are_is_a_violation() {
        add(0, 10, permits(ALICE, 2), new Result.Granted(1, 2));
        add(20, 30, permits(BOB, 2), new Result.Granted(2, 2));
        assertThat(broken()).containsExactly("holds fit");
    }

    @Test
    void as_many_permits_as_there_are_breaks_nothing() {
        add(0, 10, permits(ALICE, 1), new Result.Granted(1, 1));
        add(20, 30, permits(BOB, 1), new Result.Granted(2, 1));
        add(40, 50, permits(ALICE, 1), new Result.Granted(1, 2));
        assertThat(broken()).isEmpty();
    }

    @Test
    void more_permits_than_there_are_by_a_second_acquire_is_a_violation() {
        add(0, 10, permits(ALICE, 2), new Result.Granted(1, 2));
        add(20, 30, permits(BOB, 1), new Result.Granted(2, 1));
        add(40, 50, permits(ALICE, 1), new Result.Granted(1, 3));
        assertThat(broken()).containsExactly("holds fit");
    }

    @Test
    void a_token_accepted_after_its_release_is_a_violation() {
        add(0, 10, mutex(ALICE), token(1));
        add(20, 30, new Call.Release(ALICE, 1, 0), new Result.Done());
        add(40, 50, new Call.Release(ALICE, 1, 0), new Result.Done());
        assertThat(broken()).containsExactly("no return of a token");
    }

    @Test
    void a_token_accepted_after_its_successor_is_a_violation() {
        add(0, 10, mutex(ALICE), token(1));
        add(20, 30, new Call.Release(ALICE, 1, 0), new Result.Unknown(""));
        add(20, 40, mutex(BOB), token(2));
        add(50, 60, new Call.Extend(ALICE, 1, 1000), new Result.Done());
        assertThat(broken()).containsExactly("no return of a token");
    }

    @Test
    void a_waiter_that_is_overtaken_is_a_violation() {
        add(0, 100, mutex(ALICE), token(5));
        add(0, 100, mutex(BOB), token(4));
        add(10, 20, new Call.Inspect(), new Result.Seen(List.of(), List.of(ALICE, BOB)));
        add(90, 91, new Call.Release(BOB, 4, 0), new Result.Done());
        add(101, 102, new Call.Release(ALICE, 5, 0), new Result.Done());
        assertThat(broken()).containsExactly("queue order");
    }

    @Test
    void waiters_served_in_order_break_nothing() {
        add(0, 100, mutex(ALICE), token(5));
        add(0, 100, mutex(BOB), token(4));
        add(10, 20, new Call.Inspect(), new Result.Seen(List.of(), List.of(BOB, ALICE)));
        add(90, 91, new Call.Release(BOB, 4, 0), new Result.Done());
        add(101, 102, new Call.Release(ALICE, 5, 0), new Result.Done());
        assertThat(broken()).isEmpty();
    }

    @Test
    void a_lost_update_is_a_violation() {
        add(0, 10, new Call.Write(1, 1), new Result.Done());
        add(20, 30, new Call.Write(2, 1), new Result.Done());
        assertThat(broken()).containsExactly("no lost update");
    }

    @Test
    void a_refused_update_breaks_nothing() {
        add(0, 10, new Call.Write(2, 1), new Result.Done());
        add(20, 30, new Call.Write(1, 1), new Result.Stale());
        assertThat(broken()).isEmpty();
    }

    @Test
    void a_late_write_that_is_accepted_is_a_violation() {
        add(0, 10, new Call.Write(2, 1), new Result.Done());
        add(20, 30, new Call.Write(1, 2), new Result.Done());
        assertThat(broken()).containsExactly("no lost update");
    }

    @Test
    void a_forced_release_that_was_under_way_before_the_grant_may_end_it() {
        add(0, 500, new Call.ForceRelease(), new Result.Done());
        add(100, 110, mutex(ALICE), token(1));
        add(200, 210, mutex(BOB), token(2));
        assertThat(broken()).isEmpty();
    }

    @Test
    void a_forced_release_that_failed_ends_nothing() {
        add(0, 500, new Call.ForceRelease(), new Result.Failed("no leader"));
        add(100, 110, mutex(ALICE), token(1));
        add(200, 210, mutex(BOB), token(2));
        assertThat(broken()).contains("holds fit");
    }
}
