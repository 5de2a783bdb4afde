package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.Release;
import dev.holdfast.jepsen.workload.Kind;
import dev.holdfast.protocol.KeyGroups;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tries to break a cluster on this machine. */
@Command(
        name = "holdfast verify",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Starts clusters of real processes on this machine, lets clients use them while things go wrong, and judges what"
                    + " the clients saw.",
            "Exits with 0 if everything was right, and with 1 if anything was wrong or could not be judged."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  holdfast verify                                        every workload under every fault, once",
            "  holdfast verify --soak 2h                              again and again, with other seeds",
            "  holdfast verify --simulate 100000                      clusters in virtual time instead of real ones",
            "  holdfast verify --workloads fenced --faults pause-client,kill-leader --seed 7",
            "  holdfast verify --faults rolling-upgrade --old-lib jepsen-style-tests/src/test/resources/recorded/0.1/lib"
        })
public final class VerifyCommand implements Callable<Integer> {
    private static final int GRANTS_BETWEEN = 100;
    private static final Pattern DURATION = Pattern.compile("(\\d+)(s|m|h)");

    @Option(
            names = "--workloads",
            split = ",",
            paramLabel = "WORKLOAD",
            description = "What clients do: ${COMPLETION-CANDIDATES}. Default: all.")
    private Set<Kind> workloads = EnumSet.allOf(Kind.class);

    @Option(
            names = "--faults",
            split = ",",
            paramLabel = "FAULT",
            completionCandidates = FaultNames.class,
            description = "What goes wrong: ${COMPLETION-CANDIDATES}. Default: all that this machine allows.")
    private List<String> faults = new ArrayList<>();

    @Option(
            names = "--peers",
            split = ",",
            paramLabel = "N",
            description = "The sizes of the clusters, from 3 to 7. Default: 3.")
    private List<Integer> peers = List.of(3);

    @Option(
            names = "--groups",
            split = ",",
            paramLabel = "N",
            description = "Over how many Raft groups the locks are spread, from 1 to 64. Default: 1.")
    private List<Integer> groups = List.of(1);

    @Option(
            names = "--tls",
            description =
                    "Members and clients talk over TLS and prove by certificates who they are. In the middle of each"
                            + " trial all of these are replaced, with the authority.")
    private boolean tls;

    @Option(
            names = "--old-lib",
            paramLabel = "FOLDER",
            description = "The jars of an older release, with those of its Jepsen-style tests: what the fault "
                    + UpgradeFault.NAME + " begins with.")
    private @Nullable Path oldLib;

    @Option(
            names = "--soak",
            paramLabel = "TIME",
            description =
                    "Repeat with other seeds for this long, such as 90s, 30m or 2h. A round of all trials that has begun is"
                            + " finished; how long that takes is said at the start.")
    private String soak = "0s";

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Decides what is done, but not when, so a run is never repeated exactly.")
    private @Nullable Long seed;

    @Option(
            names = "--report",
            paramLabel = "FOLDER",
            description = "An empty or new folder for reports and histories. Default: holdfast-verify-TIME here.")
    private @Nullable Path folder;

    @Option(
            names = "--simulate",
            paramLabel = "N",
            description =
                    "Runs this many simulated clusters instead of real ones, in one thread and in virtual time: one for"
                            + " each seed, from --seed or 1 on. A failure is shown with as few steps as it needs.")
    private @Nullable Long simulate;

    @Option(
            names = "--steps",
            split = ",",
            paramLabel = "N",
            description = "With --simulate 1: runs only these steps, and shows everything that happens.")
    private List<Integer> steps = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** The names of all faults, for help and completion. */
    static final class FaultNames extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        FaultNames() {
            super(Faults.all().stream().map(Fault::name).toList());
        }
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        if (simulate != null) {
            return new SimulateRun(spec.commandLine(), simulate, seed == null ? 1 : seed, steps).call();
        } else if (!steps.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--steps goes with --simulate 1");
        }
        List<Fault> chosen = chosenFaults();
        Duration soaking = duration(soak);
        for (int count : peers) {
            if (count < 3 || count > 7) {
                throw new ParameterException(spec.commandLine(), "--peers must be from 3 to 7, not " + count);
            }
        }
        for (int count : groups) {
            if (count < 1 || count > KeyGroups.MAX) {
                throw new ParameterException(
                        spec.commandLine(), "--groups must be from 1 to " + KeyGroups.MAX + ", not " + count);
            }
        }
        long first = seed == null ? new Random().nextInt(1_000_000) : seed;
        Path reports = folder == null
                ? Path.of("holdfast-verify-"
                        + LocalDateTime.now(ZoneId.systemDefault())
                                .format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")))
                : folder;
        if (Files.isDirectory(reports) && !isEmpty(reports)) {
            // Histories of two runs would be judged as one.
            throw new ParameterException(spec.commandLine(), "--report: " + reports + " is not empty");
        }
        List<Size> round = round();
        PaceFile paceFile = PaceFile.ofUser();
        Pace pace = new Pace(paceFile.read());
        Progress progress = new Progress(
                round.stream()
                        .map(size -> Verification.steps(size.kind, size.peers, chosen, tls))
                        .toList(),
                soaking,
                pace,
                Terminal.isThere(),
                System::nanoTime,
                line -> {
                    out.println(line);
                    out.flush();
                });
        out.println(progress.estimate());
        out.flush();
        long deadline = System.nanoTime() + soaking.toNanos();
        try (Verification verification = new Verification(reports.toAbsolutePath(), tls, progress)) {
            long next = first;
            do {
                for (Size size : round) {
                    progress.trialBegins();
                    String line = verification.run(size.kind, size.peers, size.groups, chosen, GRANTS_BETWEEN, next++);
                    progress.trialEnded(line);
                    Report.write(verification, reports);
                    paceFile.write(pace.toRemember());
                }
            } while (verification.passed() && System.nanoTime() - deadline < 0);
            return conclude(verification, reports, out);
        }
    }

    /** One trial of a round. */
    private record Size(Kind kind, int peers, int groups) {}

    private List<Size> round() {
        List<Size> round = new ArrayList<>();
        for (Kind kind : workloads) {
            for (int count : peers) {
                for (int spread : groups) {
                    round.add(new Size(kind, count, spread));
                }
            }
        }
        return round;
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    private static int conclude(Verification verification, Path reports, PrintWriter out) throws IOException {
        verification.reports().stream().filter(report -> !report.passed()).forEach(report -> {
            out.println(Summary.of(report));
            Summary.complaints(report).forEach(line -> out.println("  " + line));
            report.smallest()
                    .forEach((key, found) -> Summary.smallest(key, found).forEach(line -> out.println("    " + line)));
        });
        out.println(Report.faultsLine(verification));
        out.println("report: " + Report.write(verification, reports));
        out.println(verification.passed() ? "everything was right" : "NOT everything was right");
        out.flush();
        return verification.passed() && !verification.reports().isEmpty() ? 0 : 1;
    }

    private List<Fault> chosenFaults() {
        List<String> unknown = new ArrayList<>(faults);
        unknown.removeAll(new FaultNames());
        if (!unknown.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    "unknown fault " + String.join(", ", unknown) + "; there are "
                            + String.join(", ", new FaultNames()));
        }
        if (oldLib == null && faults.contains(UpgradeFault.NAME)) {
            throw new ParameterException(
                    spec.commandLine(),
                    UpgradeFault.NAME
                            + " needs --old-lib FOLDER, with the jars of an older release; those of some are in"
                            + " jepsen-style-tests/src/test/resources/recorded");
        }
        List<Fault> chosen = new ArrayList<>();
        for (Fault fault : Faults.all()) {
            if (faults.isEmpty() || faults.contains(fault.name())) {
                chosen.add(
                        oldLib != null && fault.name().equals(UpgradeFault.NAME)
                                ? UpgradeFault.from(older(oldLib))
                                : fault);
            }
        }
        return chosen;
    }

    private Release older(Path lib) {
        try {
            return Release.in(lib);
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), "--old-lib: " + e.getMessage(), e);
        }
    }

    private Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new ParameterException(
                    spec.commandLine(), "--soak must be a time such as 90s, 30m or 2h, not " + text);
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new VerifyCommand()).setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler((wrong, arguments) -> {
            PrintWriter err = wrong.getCommandLine().getErr();
            err.println("holdfast verify: " + wrong.getMessage());
            err.println("Try 'holdfast verify --help'.");
            return CommandLine.ExitCode.USAGE;
        });
        return commandLine;
    }

    /** Runs the command, and ends the process with its status. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }
}
