package dev.holdfast.bench;

import com.google.gson.Gson;
import dev.holdfast.bench.cluster.Place;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Measures another build and this one in turn, each in a process of its own with that build's classes. */
final class Comparison {
    private final BenchOptions options;
    private final Path otherJar;

    /** @throws IOException if the checkout is not built */
    Comparison(BenchOptions options, Path checkout) throws IOException {
        this.options = options;
        this.otherJar = nodeJar(checkout);
    }

    private static Path nodeJar(Path checkout) throws IOException {
        Path target = checkout.resolve("node/target");
        if (Files.isDirectory(target)) {
            try (DirectoryStream<Path> jars = Files.newDirectoryStream(target, "holdfast-node-*.jar")) {
                for (Path jar : jars) {
                    return jar.toAbsolutePath();
                }
            }
        }
        throw new IOException(target + " has no holdfast-node-*.jar: build that checkout first, with 'mvn package'");
    }

    /** First the other's rows, then this one's. */
    List<Row> measure(Place place) throws IOException, InterruptedException {
        String own = System.getProperty("java.class.path");
        List<Row> rows = new ArrayList<>(child("other", otherJar + File.pathSeparator + own, place));
        rows.addAll(child("this", own, place));
        return rows;
    }

    private List<Row> child(String build, String classPath, Place place) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlogback.configurationFile=holdfast-logback.xml",
                "-cp",
                classPath,
                BenchCommand.class.getName()));
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
                            .map(row -> new Row(
                                    build,
                                    row.place(),
                                    row.workload(),
                                    row.callers(),
                                    row.load(),
                                    row.holds(),
                                    row.figures()))
                            .toList();
        } finally {
            process.destroyForcibly();
        }
    }

    /** A line for each measurement of both builds. */
    static List<String> ratios(List<Row> rows) {
        List<String> lines = new ArrayList<>();
        for (Row now : rows) {
            for (Row then : rows) {
                if (now.build().equals("this")
                        && then.build().equals("other")
                        && now.title().equals(then.title())) {
                    lines.add(String.format(
                            Locale.ROOT,
                            "%-36s %.2f times as many per second as the other build",
                            now.title(),
                            now.perSecond() / then.perSecond()));
                }
            }
        }
        return lines;
    }
}
