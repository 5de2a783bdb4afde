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
import org.jspecify.annotations.Nullable;

/** Runs trials one after another, and collects their reports. Not thread-safe. */
final class Verification implements AutoCloseable {
    private final Path folder;
    private final boolean tls;
    private final TrialWatch watch;
    private final List<TrialReport> reports = new ArrayList<>();
    private final Map<String, String> skipped = new LinkedHashMap<>();
    private @Nullable Database database;

    /**
     * @param folder for histories and reports
     * @param watch is given a line for each thing that happens
     */
    Verification(Path folder, TrialWatch watch) {
        this(folder, false, watch);
    }

    /**
     * The same, over TLS if so, with certificates that are replaced in the middle of each trial.
     *
     * @param folder for histories and reports
     * @param watch is given a line for each thing that happens
     */
    Verification(Path folder, boolean tls, TrialWatch watch) {
        this.folder = folder;
        this.tls = tls;
        this.watch = watch;
    }

    /**
     * Runs one trial with those of the faults that this machine and a cluster of that size allow, in an order that the
     * seed decides. Returns what became of it in one line; {@code null} if it was skipped.
     */
    @Nullable
    String run(Kind kind, int peers, int groups, List<Fault> faults, int grantsBetween, long seed) throws Exception {
        Optional<String> url = databaseFor(kind);
        if (url.isEmpty()) {
            skip("workload " + kind.name().toLowerCase(Locale.ROOT), "no PostgreSQL is published for this platform");
            return null;
        }
        for (Fault fault : faults) {
            String why = whyNot(fault, peers);
            if (why != null) {
                skip(fault.name(), why);
            }
        }
        List<Fault> possible = possible(peers, faults, tls, seed);
        TrialPlan plan = new TrialPlan(kind, peers, groups, possible, grantsBetween, seed, tls);
        String name = name(plan);
        TrialReport report = new Trial(plan, url.get(), named(name))
                .run(folder.resolve("trial-" + (reports.size() + 1) + "-" + name.replace(' ', '-')));
        add(report);
        String line = name + ": " + Summary.of(report);
        watch.says(line);
        return line;
    }

    /** What a trial inflicts with that seed, in order. */
    private static List<Fault> possible(int peers, List<Fault> faults, boolean tls, long seed) {
        List<Fault> possible = new ArrayList<>(
                faults.stream().filter(fault -> whyNot(fault, peers) == null).toList());
        Collections.shuffle(possible, new Random(seed));
        UpgradeFault.putFirst(possible);
        if (tls) {
            possible.add(possible.size() / 2, Faults.ROTATE_CERTIFICATES);
        }
        return possible;
    }

    /** The steps of such a trial, if it is not skipped as a whole. Their order is not yet known. */
    static List<Pace.Step> steps(Kind kind, int peers, List<Fault> faults, boolean tls) {
        return Pace.steps(kind, possible(peers, faults, tls, 0));
    }

    /** Why that fault is left out; {@code null} if it is not. */
    private static @Nullable String whyNot(Fault fault, int peers) {
        if (fault.unavailable() != null) {
            return fault.unavailable();
        } else if (fault.peersMin() > peers) {
            return "needs " + fault.peersMin() + " peers";
        }
        return null;
    }

    private TrialWatch named(String name) {
        return new TrialWatch() {
            @Override
            public void says(String line) {
                watch.says(name + ": " + line);
            }

            @Override
            public void began(String step) {
                watch.began(step);
            }

            @Override
            public void ended(String step) {
                watch.ended(step);
            }
        };
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
