package dev.holdfast.statemachine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.protocol.Outcome;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OutcomeWindowTest {
    @Test
    void it_behaves_like_a_sorted_map_of_what_is_not_acknowledged() {
        for (long seed = 1; seed <= 300; seed++) {
            compareWithAMap(seed);
        }
    }

    private static void compareWithAMap(long seed) {
        Random random = new Random(seed);
        long acknowledged = random.nextInt(100);
        int spread = 1 << random.nextInt(10);
        OutcomeWindow window = new OutcomeWindow(acknowledged);
        TreeMap<Long, Outcome> model = new TreeMap<>();
        for (int step = 0; step < 300; step++) {
            if (random.nextInt(5) > 0) {
                long sequence = acknowledged + 1 + random.nextInt(spread);
                Outcome outcome = new Outcome.Released(step);
                window.put(sequence, outcome);
                model.put(sequence, outcome);
            } else {
                long upTo = acknowledged + random.nextInt(spread) - 1;
                acknowledged = Math.max(acknowledged, upTo);
                Map<Long, Outcome> forgotten = new TreeMap<>();
                window.acknowledge(upTo, forgotten::put);
                assertThat(forgotten).as("seed %s, step %s", seed, step).isEqualTo(model.headMap(acknowledged, true));
                model.headMap(acknowledged, true).clear();
            }
            assertSame(window, model, acknowledged, "seed " + seed + ", step " + step);
        }
    }

    private static void assertSame(
            OutcomeWindow window, NavigableMap<Long, Outcome> model, long acknowledged, String when) {
        Map<Long, Outcome> all = new TreeMap<>();
        window.forEach(all::put);
        assertThat(all).as(when).isEqualTo(model);
        assertThat(window.acknowledged()).as(when).isEqualTo(acknowledged);
        assertThat(window.highest()).as(when).isGreaterThanOrEqualTo(model.isEmpty() ? acknowledged : model.lastKey());
        for (long sequence = acknowledged - 2; sequence < acknowledged + 20; sequence++) {
            assertThat(window.get(sequence)).as(when).isEqualTo(model.get(sequence));
        }
    }

    @Test
    void the_greatest_sequences_do_not_overflow() {
        OutcomeWindow window = new OutcomeWindow(Long.MAX_VALUE - 5);
        Outcome outcome = new Outcome.Acknowledged();
        window.put(Long.MAX_VALUE - 4, outcome);
        window.put(Long.MAX_VALUE, outcome);
        Map<Long, Outcome> seen = new TreeMap<>();
        window.forEach(seen::put);
        assertThat(seen.keySet()).containsExactly(Long.MAX_VALUE - 4, Long.MAX_VALUE);

        window.acknowledge(Long.MAX_VALUE, seen::remove);

        assertThat(seen).isEmpty();
        window.forEach(seen::put);
        assertThat(seen).isEmpty();
    }
}
