package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.workload.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs trials one after another, and collects their reports. Not thread-safe. */
final class Verification implements AutoCloseable {
    private final Path folder;
    private final boolean tls;
    private final Consumer<String> progress;
    private final List<TrialReport> reports = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private @Nullable Database database;

    /**
     * @param folder for histories and reports
     * @param progress is given a line for each thing that happens
     */
    Verification(Path folder, Consumer<String> progress) {
        this(folder, false, progress);
    }

    /**
     * The same, over TLS if so, with certificates that are replaced in the middle of each trial.
     *
     * @param folder for histories and reports
     * @param progress is given a line for each thing that happens
     */
    Verification(Path folder, boolean tls, Consumer<String> progress) {
        this.folder = folder;
        this.tls = tls;
        this.progress = progress;
    }

    /**
     * Runs one trial with those of the faults that this machine and a cluster of that size allow, in an order that the
     * seed decides.
     */
    void run(Kind kind, int peers, int groups, List<Fault> faults, int grantsBetween, long seed) throws Exception {
        Optional<String> url = databaseFor(kind);
        if (url.isEmpty()) {
            skip("workload " + kind.name().toLowerCase(Locale.ROOT), "no PostgreSQL is published for this platform");
            return;
        }
        List<Fault> possible = new ArrayList<>();
        for (Fault fault : faults) {
            String why = fault.unavailable();
            if (why != null) {
                skip(fault.name(), why);
            } else if (fault.peersMin() > peers) {
                skip(fault.name(), "needs " + fault.peersMin() + " peers");
            } else {
                possible.add(fault);
            }
        }
        Collections.shuffle(possible, new Random(seed));
        UpgradeFault.putFirst(possible);
        if (tls) {
            possible.add(possible.size() / 2, Faults.ROTATE_CERTIFICATES);
        }
        TrialPlan plan = new TrialPlan(kind, peers, groups, possible, grantsBetween, seed, tls);
        String name = name(plan);
        TrialReport report = new Trial(plan, url.get(), line -> progress.accept(name + ": " + line))
                .run(folder.resolve("trial-" + (reports.size() + 1) + "-" + name.replace(' ', '-')));
        add(report);
        progress.accept(name + ": " + Summary.of(report));
    }

    void add(TrialReport report) {
        reports.add(report);
    }

    private Optional<String> databaseFor(Kind kind) throws IOException, SQLException {
        if (!kind.needsDatabase()) {
            return Optional.of("");
        }
        if (database == null) {
            database = Database.start().orElse(null);
        }
        return database == null ? Optional.empty() : Optional.of(database.emptied());
    }

    private static String name(TrialPlan plan) {
        String name = plan.kind().name().toLowerCase(Locale.ROOT) + " " + plan.peers();
        return name + (plan.groups() == 1 ? "" : " groups " + plan.groups()) + (plan.tls() ? " tls" : "");
    }

    /** Notes what was left out, and why. */
    void skip(String what, String why) {
        skipped.putIfAbsent(what, why);
    }

    List<TrialReport> reports() {
        return List.copyOf(reports);
    }

    /** What was never done, and why. */
    Map<String, String> skipped() {
        Map<String, String> left = new LinkedHashMap<>(skipped);
        left.keySet().removeAll(exercised());
        return left;
    }

    /** The names of all faults that were inflicted at least once. */
    Set<String> exercised() {
        TreeSet<String> names = new TreeSet<>();
        reports.forEach(report -> report.faults().forEach(fault -> names.add(fault.fault())));
        return names;
    }

    boolean passed() {
        return reports.stream().allMatch(TrialReport::passed);
    }

    @Override
    public void close() throws IOException {
        if (database != null) {
            database.close();
        }
    }
}
