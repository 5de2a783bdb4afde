package dev.holdfast.jepsen.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
import dev.holdfast.jepsen.checker.SimulatedLock.Bug;
import dev.holdfast.jepsen.history.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every history of a correct lock is accepted; a buggy lock is caught by some of its histories. */
class BuggyLocksTest {
    private static final int SEEDS = 100;
    private static final long STEPS_MAX = 20_000_000;

    private static KeyReport check(List<Operation> history) {
        return new LinearizabilityChecker<>(new LockModel(new Refusals(history)), Expiries::addTo, STEPS_MAX)
                .check(history)
                .get(0);
    }

    @Test
    void a_correct_lock_is_accepted() {
        for (int seed = 0; seed < SEEDS; seed++) {
            KeyReport report = check(SimulatedHistory.of(seed, seed % 2 == 0 ? 1 : 3, Bug.NONE));
            assertThat(report.verdict())
                    .as(
                            "seed %d, of %d operations until completion %d",
                            seed, report.operations().size(), report.failingPrefix())
                    .isEqualTo(Verdict.OK);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void a_buggy_lock_is_caught(Bug bug) {
        int found = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            KeyReport report = check(SimulatedHistory.of(seed, seed % 2 == 0 ? 1 : 3, bug));
            assertThat(report.verdict()).as("seed %d", seed).isNotEqualTo(Verdict.UNKNOWN);
            if (report.verdict() == Verdict.ILLEGAL) {
                found++;
                assertThat(report.failingPrefix())
                        .isBetween(1, report.operations().size());
            }
        }
        System.out.println("BuggyLocksTest: " + bug + " found in " + found + " of " + SEEDS + " histories");
        assertThat(found).isPositive();
    }
}
