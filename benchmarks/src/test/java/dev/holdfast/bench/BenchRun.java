package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;

/** One run of the command, in this JVM. */
record BenchRun(int status, String output, String errors) {
    static BenchRun of(String... arguments) {
        StringWriter output = new StringWriter();
        StringWriter errors = new StringWriter();
        int status = BenchCommand.commandLine()
                .setOut(new PrintWriter(output, true))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments);
        return new BenchRun(status, output.toString(), errors.toString());
    }

    /** The rows of a run with windows of that length and without warm-up. */
    static List<Row> rows(int seconds, String... arguments) {
        BenchRun run = of(Stream.concat(
                        Stream.of("--json", "--seconds", "" + seconds, "--windows", "1"),
                        Stream.concat(Stream.of("--warm-up", "0", "--prewarm", "0"), Stream.of(arguments)))
                .toArray(String[]::new));
        assertThat(run.status).as("%s", run.errors).isZero();
        BenchReport report = new Gson().fromJson(run.output, BenchReport.class);
        assertThat(report.fsync().p50Ms()).isPositive();
        return report.rows();
    }

    static double figure(Row row, String name) {
        return row.figures().stream()
                .filter(figure -> figure.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value();
    }
}
