package dev.holdfast.bench.trial;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.LoadResult;
import java.util.List;
import org.junit.jupiter.api.Test;

class EmbeddedRowsTest {
    private static final CpuShares CPU = new CpuShares(1, 2);

    @Test
    void each_process_has_a_row_and_all_of_them_have_one_together() {
        List<Findings> rows =
                EmbeddedRows.of("own keys", 16, List.of(result(100, 2), result(50, 3), result(25, 0.5)), CPU);
        assertThat(rows)
                .extracting(Findings::place)
                .containsExactly(Place.LEADER, Place.FOLLOWER, Place.FOLLOWER, null);
        assertThat(rows).extracting(Findings::callers).containsExactly(16, 16, 16, 48);
        assertThat(rows).extracting(Findings::cpu).containsOnly(CPU);
        assertThat(rows.get(3).figures())
                .extracting(Figure::toString)
                .containsExactly(
                        "callers in each process 16",
                        "pairs 175 per second",
                        "pair p50 of follower 1 1.50 times the leader's",
                        "pair p50 of follower 2 0.25 times the leader's");
    }

    @Test
    void where_the_leaders_callers_got_nothing_there_is_nothing_to_compare_with() {
        List<Findings> rows = EmbeddedRows.of("one key", 8, List.of(result(0, 0), result(50, 3)), null);
        assertThat(rows.get(2).figures().get(2).value()).isZero();
    }

    private static LoadResult result(double rate, double pairP50) {
        return new LoadResult(rate, 0, 0, pairP50, 0, 0, 0, 0, 0, 0, List.of());
    }
}
