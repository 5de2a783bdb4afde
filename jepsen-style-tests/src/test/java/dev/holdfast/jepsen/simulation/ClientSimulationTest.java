package dev.holdfast.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole clusters with their clients, in one thread and in virtual time. */
class ClientSimulationTest {
    private static final long FEW = 50;
    private static final long MANY = 5_000;
    private static final long SOAK = Long.getLong("holdfast.sim.seeds", 200_000);

    @Test
    void clusters_and_clients_keep_every_promise() {
        run(1, FEW);
    }

    @Test
    @Tag("long")
    void clusters_and_clients_keep_every_promise_under_many_seeds() {
        run(FEW + 1, MANY);
    }

    @Test
    @Tag("soak")
    void clusters_and_clients_keep_every_promise_for_hours() {
        run(FEW + MANY + 1, SOAK);
    }

    private static void run(long firstSeed, long count) {
        Simulations simulations = new Simulations();
        String failure = simulations.firstFailure(firstSeed, count);
        System.out.println("ClientSimulationTest: " + simulations.summary());
        assertThat(failure).isNull();
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
