package dev.holdfast.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Elections over clusters that fail, in one thread and in virtual time. */
class ElectionSimulationTest {
    private static final long FEW = 3;
    private static final long MANY = 1_000;

    @Test
    void elections_keep_every_promise() {
        run(1, FEW);
    }

    @Test
    @Tag("long")
    void elections_keep_every_promise_under_many_seeds() {
        run(FEW + 1, MANY);
    }

    @Test
    void a_run_can_be_repeated() {
        assertThat(ElectionSimulation.run(3)).isEqualTo(ElectionSimulation.run(3));
    }

    private static void run(long firstSeed, long count) {
        long elected = 0;
        for (long seed = firstSeed; seed < firstSeed + count; seed++) {
            try {
                elected += ElectionSimulation.run(seed).elected();
            } catch (SimulationFailure e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        System.out.println("ElectionSimulationTest: " + count + " simulated runs, " + elected + " terms");
        assertThat(elected).isGreaterThan(2 * count);
    }
}
