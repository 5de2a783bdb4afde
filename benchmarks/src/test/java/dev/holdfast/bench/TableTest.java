package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.trial.Figure;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableTest {
    private static final Fsync FSYNC = new Fsync(0.1, 0.2);

    @Test
    void a_load_has_its_part_its_times_and_who_else_used_the_processors() {
        List<String> lines = print(load("", "0-5 s", 19, 50, new CpuShares(33.2, 1.4)));
        assertThat(lines.get(0)).contains("WHAT", "P50 / P90 / P99", "JIT", "OTHERS");
        assertThat(lines.get(1))
                .matches(
                        " +thin +cold 0-5 s +1 +19\\.0 +1\\.00 / 2\\.00 +50\\.00 / 60\\.00 / 70\\.00 +33 % +1 % +3 / 4, "
                                + "disturbed by JIT compilers");
    }

    @Test
    void what_is_not_known_is_a_dash() {
        LoadResult older = new LoadResult(1900, 1, 2, 50, 0, 70, 80, 3, 4, 0, List.of());
        assertThat(print(new Row("", Place.LEADER, "own", "", 1, older, null, List.of(), null))
                        .get(1))
                .matches(" +leader +own +1 +1,900 +1\\.00 / 2\\.00 +50\\.00 / - / 70\\.00 +- +- +3 / 4");
    }

    @Test
    void figures_and_holds_tell_the_shares_too() {
        CpuShares cpu = new CpuShares(2, 7);
        String shares = ", JIT 2 %, others 7 %, disturbed by other processes";
        List<Figure> figures = List.of(new Figure("pairs", 7, Figure.PER_SECOND));
        assertThat(print(new Row("", null, "embedded", "one key", 24, null, null, figures, cpu))
                        .get(0))
                .matches(" +all +embedded, one key: pairs 7 per second" + shares);
        Row.HoldsResult holds = new Row.HoldsResult(5, 4, 3, 2, 1, 0);
        assertThat(print(new Row("", Place.THIN, "holds", "", 64, null, holds, List.of(), cpu))
                        .get(0))
                .contains("5 holds acquired by 64 callers")
                .endsWith(shares);
    }

    @Test
    void two_builds_are_compared_part_by_part() {
        List<Figure> figures = List.of(new Figure("pairs", 30, Figure.PER_SECOND));
        List<Figure> fewer = List.of(new Figure("pairs", 10, Figure.PER_SECOND));
        List<Figure> ratios = List.of(new Figure("of the warm rate in 0-5 s", 10, "%"));
        List<Row> rows = List.of(
                load("other", "0-5 s", 20, 40, null),
                load("other", "warm", 100, 2, null),
                new Row("other", null, "embedded", "own keys", 48, null, null, fewer, null),
                new Row("other", Place.THIN, "cold", "", 1, null, null, ratios, null),
                load("this", "0-5 s", 30, 20, null),
                load("this", "warm", 100, 3, null),
                new Row("this", null, "embedded", "own keys", 48, null, null, figures, null),
                new Row("this", Place.THIN, "cold", "", 1, null, null, ratios, null));
        assertThat(Comparison.ratios(rows))
                .extracting(line -> line.replaceAll(" +", " "))
                .containsExactly(
                        "thin, cold, 0-5 s, 1 caller pair p50 0.50 times as long, 1.50 times as many per second as the other build",
                        "thin, cold, warm, 1 caller pair p50 1.50 times as long, 1.00 times as many per second as the other build",
                        "all, embedded, own keys, 48 callers 3.00 times as many per second as the other build");
    }

    private static Row load(String build, String part, double rate, double pairP50, @Nullable CpuShares cpu) {
        LoadResult load =
                new LoadResult(rate, 1, 2, pairP50, pairP50 + 10, pairP50 + 20, pairP50 + 30, 3, 4, 0, List.of());
        return new Row(build, Place.THIN, "cold", part, 1, load, null, List.of(), cpu);
    }

    private static List<String> print(Row row) {
        StringWriter text = new StringWriter();
        new Table(new PrintWriter(text, true)).print(List.of(row), FSYNC);
        return text.toString().lines().toList();
    }
}
