package dev.holdfast.jepsen.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What clients do, or cannot know, and no history tells. */
class UnseenTest {
    private static final Result UNKNOWN = new Result.Unknown("no answer");
    private static final Result DONE = new Result.Done();
    private static final long TTL_MS = 2_000;

    private final List<Operation> history = new ArrayList<>();

    /** One after the other, a millisecond each; those of unknown outcome never complete. */
    private void add(Call call, Result result) {
        long invoked = TimeUnit.MILLISECONDS.toNanos(history.size());
        history.add(new Operation(
                history.size(),
                "key",
                call,
                result,
                invoked,
                result instanceof Result.Unknown ? Operation.NEVER : invoked + 1));
    }

    private static Call acquire(String owner, int permits) {
        return new Call.Acquire(owner, permits, 5, false, Call.Lease.TTL, TTL_MS);
    }

    private static Call release(String owner, long token, int permits) {
        return new Call.Release(owner, token, permits);
    }

    private static Result seen(String owner, long token, int count) {
        return new Result.Seen(List.of(new Result.HoldSeen(owner, token, count)));
    }

    private Verdict verdict() {
        return new LinearizabilityChecker<>(new LockModel(new Refusals(history)), Expiries::addTo, 1_000_000)
                .check(history)
                .get(0)
                .verdict();
    }

    @Test
    void what_an_acquire_of_unknown_outcome_added_may_be_cancelled_after_it_was_seen() {
        add(acquire("a", 2), new Result.Granted(1, 2));
        add(acquire("a", 1), UNKNOWN);
        add(new Call.Inspect(), seen("a", 1, 3));
        add(new Call.Inspect(), seen("a", 1, 2));
        add(release("a", 1, 2), DONE);
        add(acquire("b", 5), new Result.Granted(2, 5));
        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void it_may_be_cancelled_after_the_rest_was_released() {
        add(acquire("a", 2), new Result.Granted(1, 2));
        add(acquire("a", 1), UNKNOWN);
        add(release("a", 1, 2), DONE);
        add(new Call.Inspect(), seen("a", 1, 1));
        add(acquire("b", 5), new Result.Granted(2, 5));
        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void no_more_is_cancelled_than_it_added() {
        add(acquire("a", 2), new Result.Granted(1, 2));
        add(acquire("a", 1), UNKNOWN);
        add(new Call.Inspect(), seen("a", 1, 1));
        assertThat(verdict()).isEqualTo(Verdict.ILLEGAL);
    }

    @Test
    void it_is_cancelled_once() {
        add(acquire("a", 2), new Result.Granted(1, 2));
        add(acquire("a", 1), UNKNOWN);
        add(new Call.Inspect(), seen("a", 1, 3));
        add(new Call.Inspect(), seen("a", 1, 2));
        add(new Call.Inspect(), seen("a", 1, 1));
        assertThat(verdict()).isEqualTo(Verdict.ILLEGAL);
    }

    @Test
    void what_was_granted_for_certain_is_not_cancelled() {
        add(acquire("a", 2), new Result.Granted(1, 2));
        add(acquire("a", 1), new Result.Granted(1, 3));
        add(release("a", 1, 2), DONE);
        add(acquire("b", 5), new Result.Granted(2, 5));
        assertThat(verdict()).isEqualTo(Verdict.ILLEGAL);
    }

    @Test
    void an_owner_may_be_granted_a_hold_that_its_client_had_lost() {
        add(acquire("a", 3), new Result.Granted(1, 3));
        add(acquire("a", 1), new Result.Granted(1, Result.Granted.COUNT_UNKNOWN));
        add(new Call.Inspect(), seen("a", 1, 4));
        assertThat(verdict()).isEqualTo(Verdict.OK);
    }

    @Test
    void a_grant_of_unknown_count_still_adds_what_was_asked_for() {
        add(acquire("a", 3), new Result.Granted(1, 3));
        add(acquire("a", 1), new Result.Granted(1, Result.Granted.COUNT_UNKNOWN));
        add(new Call.Inspect(), seen("a", 1, 1));
        assertThat(verdict()).isEqualTo(Verdict.ILLEGAL);
    }
}
