package dev.holdfast.bench;

import com.google.gson.GsonBuilder;
import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cluster.SharedClasses;
import dev.holdfast.bench.micro.MicroReport;
import dev.holdfast.bench.micro.MicroRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
        Path folder = reportFolder();
        List<Others> others = others();
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
        BenchReport report = new BenchReport(Fsync.measure(Path.of(System.getProperty("java.io.tmpdir"))), rows);
        print(report);
        if (folder != null) {
            write(report, others, folder);
        }
        return 0;
    }

    /** Where the report is to be; {@code null} if there is to be none. */
    private @Nullable Path reportFolder() throws IOException {
        Path folder = options.report;
        if (folder == null) {
            return options.json ? null : Path.of("holdfast-bench-" + now("yyyyMMdd-HHmmss"));
        }
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                if (files.findAny().isPresent()) {
                    throw new ParameterException(spec.commandLine(), "--report: " + folder + " is not empty");
                }
            }
        }
        return folder;
    }

    private List<Others> others() {
        if (options.beside.isEmpty()) {
            return List.of(Others.published());
        }
        List<Others> others = new ArrayList<>();
        for (Path file : options.beside) {
            try {
                others.add(Others.read(file));
            } catch (IOException e) {
                throw new ParameterException(spec.commandLine(), "--beside: " + e.getMessage(), e);
            }
        }
        return others;
    }

    private void write(BenchReport report, List<Others> others, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("report.json"),
                new GsonBuilder().setPrettyPrinting().create().toJson(report));
        Path page = Files.writeString(
                folder.resolve("report.html"),
                new BenchPage(report, others, now("yyyy-MM-dd HH:mm"), BenchPage.thisMachine()).draw());
        if (!options.json) {
            spec.commandLine().getOut().println("report: " + page);
            spec.commandLine().getOut().flush();
        }
    }

    private static String now(String pattern) {
        return LocalDateTime.now(ZoneId.systemDefault()).format(DateTimeFormatter.ofPattern(pattern, Locale.ROOT));
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
