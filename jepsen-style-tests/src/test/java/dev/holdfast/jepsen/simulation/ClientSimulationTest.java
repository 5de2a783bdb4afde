package dev.holdfast.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole clusters with their clients in virtual time. The longer run takes {@code -Dholdfast.sim.seeds=N}. */
class ClientSimulationTest {
    private static final long SEEDS = 2000;

    @Test
    void clusters_and_clients_keep_every_promise() {
        Simulations simulations = new Simulations();
        String failure = simulations.firstFailure(1, SEEDS);
        System.out.println("simulation: " + simulations.summary());
        assertThat(failure).isNull();
    }

    @Test
    @Tag("soak")
    void clusters_and_clients_keep_every_promise_for_long() {
        assertThat(new Simulations().firstFailure(SEEDS + 1, Long.getLong("holdfast.sim.seeds", 100_000)))
                .isNull();
    }

    @Test
    void a_run_can_be_repeated() {
        assertThat(trace(4)).isEqualTo(trace(4)).hasSizeGreaterThan(100);
    }

    private static List<String> trace(long seed) {
        List<String> lines = new ArrayList<>();
        Simulations.replay(seed, List.of(), lines::add);
        return lines;
    }
}
