package dev.holdfast.bench;

import com.google.gson.Gson;
import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.load.LoadResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Measures another build and this one in turn, each with its own {@code holdfast bench}, which each builds first if need be. */
final class Comparison {
    private final BenchOptions options;
    private final Path otherLauncher;

    /** @throws IOException if that is not a checkout */
    Comparison(BenchOptions options, Path checkout) throws IOException {
        this.options = options;
        this.otherLauncher = checkout.resolve("holdfast").toAbsolutePath();
        if (!Files.isExecutable(otherLauncher)) {
            throw new IOException(checkout + " is not a checkout of Holdfast: it has no executable 'holdfast'");
        }
    }

    /** First the other's rows, then this one's. */
    List<Row> measure(Place place) throws IOException, InterruptedException {
        if (options.workloadsAt(place).isEmpty()) {
            return List.of();
        }
        List<Row> rows = new ArrayList<>(child("other", List.of(otherLauncher.toString(), "bench"), place));
        rows.addAll(child(
                "this",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dlogback.configurationFile=holdfast-logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BenchCommand.class.getName()),
                place));
        return rows;
    }

    private List<Row> child(String build, List<String> bench, Place place) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(bench);
        command.addAll(options.forChild(place));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            String json = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("the measurement of the " + build + " build failed");
            }
            return new Gson()
                    .fromJson(json, BenchReport.class).rows().stream()
                            .map(row -> row.named(build))
                            .toList();
        } finally {
            process.destroyForcibly();
        }
    }

    /** A line for each measurement that there is of both builds, or with and without TLS. */
    static List<String> ratios(List<Row> rows) {
        List<String> lines = new ArrayList<>(ratios(rows, "this", "other", "the other build"));
        lines.addAll(ratios(rows, Measurer.TLS, Measurer.PLAIN, "without TLS"));
        return lines;
    }

    private static List<String> ratios(List<Row> rows, String one, String other, String words) {
        List<String> lines = new ArrayList<>();
        for (Row now : rows) {
            for (Row then : rows) {
                if (now.build().equals(one)
                        && then.build().equals(other)
                        && now.title().equals(then.title())
                        && then.perSecond() > 0) {
                    lines.add(String.format(
                            Locale.ROOT,
                            "%-46s %s%.2f times as many per second as %s",
                            now.title(),
                            timeRatio(now.load(), then.load()),
                            now.perSecond() / then.perSecond(),
                            words));
                }
            }
        }
        return lines;
    }

    /** At a steady rate, only times tell builds apart. */
    private static String timeRatio(@Nullable LoadResult now, @Nullable LoadResult then) {
        if (now == null || then == null || now.pairP50() <= 0 || then.pairP50() <= 0) {
            return "";
        }
        return String.format(Locale.ROOT, "pair p50 %.2f times as long, ", now.pairP50() / then.pairP50());
    }
}
