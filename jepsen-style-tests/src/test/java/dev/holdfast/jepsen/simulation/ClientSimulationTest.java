package dev.holdfast.jepsen.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        // To put what clients saw in an order may take too long, once in a while.
        assertThat(simulations.undecided()).hasSizeLessThanOrEqualTo((int) (count / 1000));
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6, 7, 8, 9})
    void a_run_can_be_repeated(long seed) {
        assertThat(trace(seed)).isEqualTo(trace(seed)).hasSizeGreaterThan(100);
    }

    private static List<String> trace(long seed) {
        List<String> lines = new ArrayList<>();
        String failure = Simulations.replay(seed, List.of(), lines::add);
        lines.add("failure: " + failure);
        return lines;
    }
}
