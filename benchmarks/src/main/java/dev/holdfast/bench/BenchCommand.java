package dev.holdfast.bench;

import com.google.gson.GsonBuilder;
import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cluster.SharedClasses;
import dev.holdfast.bench.micro.MicroReport;
import dev.holdfast.bench.micro.MicroRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code ./holdfast bench}. Everything runs on loopback, in folders and processes of its own, which are removed at the
 * end.
 */
@Command(
        name = "holdfast bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Measures a new cluster of three peers on this machine: acquires and releases per second, and how long they take. "
                    + "JIT and OTHERS are the shares of the compilers, and of processes that do not belong to the bench, "
                    + "in the time of all processors: where one is more than 5 %%, the row says that it was disturbed."
        },
        footer = {
            "",
            "Examples:",
            "  holdfast bench                                       about four minutes",
            "  holdfast bench --where thin --workloads own --callers 64 --seconds 10",
            "  holdfast bench --where jvm --rate 500 --callers 16   times at a steady load",
            "  holdfast bench --workloads cold,paced,busy,embedded   as applications find it; five minutes",
            "  holdfast bench --against ../older                    ratios against another build",
            "  holdfast bench --micro                               parts without a cluster"
        })
public final class BenchCommand implements Callable<Integer> {
    @Mixin
    private BenchOptions options = new BenchOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        String complaint = options.complaint();
        if (complaint != null) {
            throw new ParameterException(spec.commandLine(), complaint);
        }
        if (options.micro) {
            measureParts();
            return 0;
        }
        Path other = options.against;
        Comparison comparison = other == null ? null : new Comparison(options, other);
        Consumer<String> progress = line -> System.err.println("holdfast bench: " + line);
        Measurer measurer = new Measurer(options, progress);
        List<Row> rows = new ArrayList<>();
        SharedClasses classes = comparison == null ? SharedClasses.make(progress) : SharedClasses.none();
        try {
            for (Place place : options.places) {
                rows.addAll(comparison == null ? measurer.measure(place) : comparison.measure(place));
            }
        } finally {
            classes.close();
        }
        print(new BenchReport(Fsync.measure(Path.of(System.getProperty("java.io.tmpdir"))), rows));
        return 0;
    }

    private void measureParts() {
        for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
            if (!List.of("--micro", "--json").contains(option.longestName())) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--micro measures without a cluster: " + option.longestName() + " does not apply");
            }
        }
        MicroReport report = new MicroRun(System.err).run();
        PrintWriter out = spec.commandLine().getOut();
        if (options.json) {
            printJson(report);
        } else {
            report.print(out);
        }
        out.flush();
    }

    private void printJson(Object report) {
        spec.commandLine()
                .getOut()
                .println(new GsonBuilder().setPrettyPrinting().create().toJson(report));
    }

    private void print(BenchReport report) {
        PrintWriter out = spec.commandLine().getOut();
        if (options.json) {
            printJson(report);
        } else {
            new Table(out).print(report.rows(), report.fsync());
            Comparison.ratios(report.rows()).forEach(out::println);
        }
        out.flush();
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new BenchCommand()).setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler((wrong, arguments) -> {
            PrintWriter err = wrong.getCommandLine().getErr();
            err.println("holdfast bench: " + wrong.getMessage());
            err.println("Try 'holdfast bench --help'.");
            return CommandLine.ExitCode.USAGE;
        });
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("holdfast bench: " + failure.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        });
        return commandLine;
    }

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }
}
