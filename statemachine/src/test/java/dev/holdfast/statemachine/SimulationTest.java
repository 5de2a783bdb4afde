package dev.holdfast.statemachine;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random logs against the reference model and the invariants. The long run takes {@code -Dholdfast.sim.seeds=N} for
 * another number of seeds, or {@code -Dholdfast.sim.seed=S} for a single one.
 */
class SimulationTest {
    private static final long SEEDS = 100;
    private static final long LONG_SEEDS = 3000;

    @Test
    void the_machine_answers_random_logs_as_the_model_does() {
        Simulation.runMany(1, SEEDS);
    }

    @Test
    @Tag("long")
    void the_machine_answers_many_more_random_logs_as_the_model_does() {
        Long single = Long.getLong("holdfast.sim.seed");
        if (single != null) {
            new Simulation(single).run();
        } else {
            Simulation.runMany(SEEDS + 1, Long.getLong("holdfast.sim.seeds", LONG_SEEDS));
        }
    }
}
