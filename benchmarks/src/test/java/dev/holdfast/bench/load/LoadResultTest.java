package dev.holdfast.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadResultTest {
    @Test
    void a_window_has_its_own_times_grants_and_errors() {
        Window window = new Window(2);
        for (int i = 1; i <= 10; i++) {
            window.record(i == 1 ? 0 : 1, i * 1_000_000L, i * 2_000_000L);
        }
        window.error();
        LoadResult result = window.result(5);
        assertThat(result.pairsPerSecond()).isEqualTo(2);
        assertThat(result.grantsLeast()).isEqualTo(1);
        assertThat(result.grantsMost()).isEqualTo(9);
        assertThat(result.errors()).isEqualTo(1);
        assertThat(result.acquireP50()).isBetween(5.0, 5.1);
        assertThat(result.pairP50()).isBetween(10.0, 10.1);
        assertThat(result.pairP90()).isBetween(18.0, 18.1);
        assertThat(result.pairP99()).isBetween(20.0, 20.1);
    }

    @Test
    void the_figures_of_a_load_are_medians_over_its_windows() {
        LoadResult result = LoadResult.of(List.of(window(1), window(100), window(7)), 2, 3, 4, null);
        assertThat(result.pairsPerSecond()).isEqualTo(7);
        assertThat(result.pairP90()).isEqualTo(70);
        assertThat(result.windows()).extracting(LoadResult::pairsPerSecond).containsExactly(1.0, 100.0, 7.0);
        assertThat(result.grantsLeast()).isEqualTo(2);
        assertThat(result.grantsMost()).isEqualTo(3);
        assertThat(result.errors()).isEqualTo(4);
    }

    @Test
    void the_result_of_a_build_that_does_not_know_all_figures_is_understood() {
        LoadResult result =
                new Gson().fromJson("{\"pairsPerSecond\": 5.0, \"windowsPerSecond\": [5.0]}", LoadResult.class);
        assertThat(result.pairsPerSecond()).isEqualTo(5);
        assertThat(result.windows()).isEmpty();
    }

    private static LoadResult window(double rate) {
        return new LoadResult(rate, 0, 0, 0, 10 * rate, 0, 0, 0, 0, 0, List.of());
    }
}
