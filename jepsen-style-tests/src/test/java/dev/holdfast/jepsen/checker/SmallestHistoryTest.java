package dev.holdfast.jepsen.checker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.SimulatedLock.Bug;
import dev.holdfast.jepsen.checker.SmallestHistory.Found;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SmallestHistoryTest {
    private static final long STEPS_EACH = 10_000;
    private static final long MS = 1_000_000;

    private final List<Operation> history = new ArrayList<>();
    private long now;

    private static Call.Acquire acquire(String owner) {
        return new Call.Acquire(owner, 1, 1, false, Call.Lease.UNTIL_RELEASED, 0);
    }

    /** One operation after the other. */
    private void did(String owner, Call call, Result result) {
        now += MS;
        history.add(new Operation(owner.charAt(0), "k", call, result, now, now + MS / 2));
    }

    private void held(String owner, long token) {
        did(owner, acquire(owner), new Result.Granted(token, 1));
        did(owner, new Call.Believe(owner, token), new Result.Done());
        did(owner, new Call.Release(owner, token, 0), new Result.Done());
    }

    private static SmallestHistory<LockState> smallest(List<Operation> history) {
        return new SmallestHistory<>(
                new LockModel(new Refusals(history)), Expiries::addTo, STEPS_EACH, () -> 0L, Long.MAX_VALUE);
    }

    private static KeyReport check(List<Operation> history) {
        return new LinearizabilityChecker<>(new LockModel(new Refusals(history)), Expiries::addTo, 20_000_000)
                .check(history)
                .get(0);
    }

    private Found found() {
        KeyReport report = check(history);
        assertThat(report.verdict()).isEqualTo(Verdict.ILLEGAL);
        return smallest(history).of(history, report.failingPrefix());
    }

    @Test
    void of_two_holders_at_once_the_two_grants_are_left() {
        for (int i = 1; i <= 12; i++) {
            held("alice", i);
        }
        did("bob", acquire("bob"), new Result.Granted(13, 1));
        did("bob", new Call.Inspect(), new Result.Seen(List.of(new Result.HoldSeen("bob", 13, 1))));
        did("carol", acquire("carol"), new Result.Granted(14, 1));
        held("alice", 15);
        Found found = found();
        assertThat(found.operations()).extracting(Operation::call).containsExactly(acquire("bob"), acquire("carol"));
        assertThat(found.minimal()).isTrue();
        assertThat(found.others()).isEqualTo(3 * 12 + 1);
    }

    @Test
    void a_release_is_not_left_out_so_that_a_right_grant_looks_wrong() {
        held("alice", 1);
        held("bob", 2);
        // The wrong one: bob's token again.
        did("carol", acquire("carol"), new Result.Granted(2, 1));
        assertThat(found().operations())
                .extracting(Operation::result)
                .containsExactly(new Result.Granted(2, 1), new Result.Granted(2, 1));
    }

    @Test
    void a_refusal_though_nobody_holds_it_needs_the_release_as_well() {
        held("alice", 1);
        did("bob", acquire("bob"), new Result.Refused());
        Found found = found();
        assertThat(found.operations())
                .extracting(operation -> operation.call().getClass().getSimpleName())
                .contains("Release");
        assertThat(found.operations())
                .last()
                .satisfies(last -> assertThat(last.result()).isInstanceOf(Result.Refused.class));
    }

    @Test
    void when_the_time_is_over_it_is_as_small_as_it_got_and_says_so() {
        held("alice", 1);
        did("bob", acquire("bob"), new Result.Granted(1, 1));
        KeyReport report = check(history);
        Found found = new SmallestHistory<>(
                        new LockModel(new Refusals(history)), Expiries::addTo, STEPS_EACH, () -> 0L, 0)
                .of(history, report.failingPrefix());
        assertThat(found.minimal()).isFalse();
        assertThat(found.operations()).hasSize(report.failingPrefix());
    }

    @Test
    void a_history_that_shows_nothing_is_refused() {
        held("alice", 1);
        assertThatThrownBy(() -> smallest(history).of(history, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** What is still wrong without some answers was wrong with them. */
    @Test
    void a_right_history_never_looks_wrong_because_answers_are_left_out() {
        Random random = new Random(4);
        for (int seed = 0; seed < 30; seed++) {
            List<Operation> right = SimulatedHistory.of(seed, seed % 2 == 0 ? 1 : 3, Bug.NONE);
            for (int round = 0; round < 10; round++) {
                int percent = random.nextInt(100);
                List<Operation> some = right.stream()
                        .filter(operation -> !operation.isUnknown() && random.nextInt(100) < percent)
                        .toList();
                assertThat(smallest(right).judge(some, right))
                        .as("seed %d: %s of %s", seed, some, right)
                        .isNotEqualTo(Verdict.ILLEGAL);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void what_a_buggy_lock_did_wrong_is_shown_by_few_operations(Bug bug) {
        List<Integer> sizes = new ArrayList<>();
        for (int seed = 0; seed < 100 && sizes.size() < 2; seed++) {
            List<Operation> wrong = SimulatedHistory.of(seed, seed % 2 == 0 ? 1 : 3, bug);
            KeyReport report = check(wrong);
            if (report.verdict() == Verdict.ILLEGAL) {
                Found found = smallest(wrong).of(wrong, report.failingPrefix());
                sizes.add(found.operations().size());
                assertThat(smallest(wrong).judge(found.operations(), until(wrong, found)))
                        .as("%s, seed %d", bug, seed)
                        .isNotEqualTo(Verdict.OK);
            }
        }
        System.out.println("SmallestHistoryTest: " + bug + " is shown by " + sizes + " operations");
        assertThat(sizes).isNotEmpty().allSatisfy(size -> assertThat(size).isBetween(1, 20));
    }

    private static List<Operation> until(List<Operation> all, Found found) {
        long end = found.operations().stream()
                .mapToLong(Operation::completedNanos)
                .max()
                .orElseThrow();
        return LinearizabilityChecker.until(all, end);
    }
}
