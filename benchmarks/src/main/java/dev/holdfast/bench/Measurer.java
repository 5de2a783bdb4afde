package dev.holdfast.bench;

import dev.holdfast.bench.cluster.BenchCluster;
import dev.holdfast.bench.cluster.JvmCluster;
import dev.holdfast.bench.cluster.LiveHeap;
import dev.holdfast.bench.cluster.Peer;
import dev.holdfast.bench.cluster.PeerSettings;
import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.cpu.CpuReading;
import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.load.Holds;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.Patience;
import dev.holdfast.bench.load.WatchedLoad;
import dev.holdfast.bench.load.Workload;
import dev.holdfast.bench.trial.Findings;
import dev.holdfast.bench.trial.Trial;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs one workload after another: all loads of one place on one cluster, and each trial on a cluster of its own. */
final class Measurer {
    static final String PLAIN = "plain";
    static final String TLS = "TLS";

    private static final int PREWARM_CALLERS = 16;
    private static final int SHARED_CALLERS = 16;
    private static final int SEMAPHORE_CALLERS = 64;
    private static final int HOLDS_WARM_UP = 50_000;
    private static final int HOLDS_WARM_UPS_MAX = 8;
    private static final double HOLDS_STILL_WARMING = 1.1;

    private final BenchOptions options;
    private final Consumer<String> progress;

    Measurer(BenchOptions options, Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
    }

    List<Row> measure(Place place) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        if (!options.loads().isEmpty()) {
            if (options.tls) {
                rows.addAll(loads(place, PLAIN, false));
                rows.addAll(loads(place, TLS, true));
            } else {
                rows.addAll(loads(place, "", false));
            }
        }
        if (place == Place.THIN) {
            for (String workload : options.trialNames()) {
                rows.addAll(trial(workload));
            }
        }
        return rows;
    }

    /** All of them, on one cluster. The rows are told apart by that name. */
    private List<Row> loads(Place place, String name, boolean tls) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (BenchCluster cluster = start(place, tls)) {
            prewarm(cluster, place);
            for (String workload : options.loads()) {
                rows.addAll(load(cluster, place, workload));
            }
        }
        return rows.stream().map(row -> row.named(name)).toList();
    }

    private List<Row> load(BenchCluster cluster, Place place, String workload)
            throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        switch (workload) {
            case "own" -> {
                for (int callers : options.callers) {
                    rows.add(load(cluster, place, workload, Workload.OWN_KEY, callers));
                }
            }
            case "one" -> rows.add(load(cluster, place, workload, Workload.ONE_KEY, SHARED_CALLERS));
            case "semaphore" -> rows.add(load(cluster, place, workload, Workload.SEMAPHORE, SEMAPHORE_CALLERS));
            case "holds" -> {
                if (cluster instanceof ProcessCluster processes && place == Place.THIN) {
                    rows.add(holds(processes, place));
                }
            }
            default -> throw new IllegalArgumentException(workload);
        }
        return rows;
    }

    private List<Row> trial(String workload) throws IOException, InterruptedException {
        Trial trial = options.trials.trial(workload, options, line -> progress.accept(workload + ": " + line));
        PeerSettings settings = new PeerSettings(options.groups, trial.snapshotEvery(), false);
        try (ProcessCluster cluster =
                ProcessCluster.start(Place.THIN, Files.createTempDirectory("holdfast-bench-"), settings)) {
            if (trial.warmedUp() && options.prewarmSeconds > 0) {
                prewarm(cluster, Place.THIN);
            }
            CpuReading before = CpuReading.now();
            List<Findings> found = trial.run(cluster);
            CpuShares inAll = CpuReading.since(before);
            return found.stream().map(each -> row(workload, each, inAll)).toList();
        }
    }

    /** @param inAll of the trial as a whole */
    private static Row row(String workload, Findings found, @Nullable CpuShares inAll) {
        return new Row(
                "",
                found.place(),
                workload,
                found.part(),
                found.callers(),
                found.load(),
                null,
                found.figures(),
                found.cpu() == null ? inAll : found.cpu());
    }

    /** Otherwise the first workload would be measured at the interpreter's speed. */
    private void prewarm(BenchCluster cluster, Place place) throws IOException, InterruptedException {
        progress.accept(place.title() + ": warming up");
        var unused = cluster.run(new LoadPlan(Workload.OWN_KEY, PREWARM_CALLERS, options.prewarmSeconds, 1, 1, 0));
    }

    private BenchCluster start(Place place, boolean tls) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("holdfast-bench-");
        PeerSettings settings = new PeerSettings(options.groups, 0, tls);
        return place == Place.JVM ? JvmCluster.start(folder, settings) : ProcessCluster.start(place, folder, settings);
    }

    private Row load(BenchCluster cluster, Place place, String name, Workload workload, int callers)
            throws IOException, InterruptedException {
        progress.accept(place.title() + ": " + workload.title() + ", " + callers + " callers");
        LoadPlan plan = new LoadPlan(
                workload, callers, options.warmUpSeconds, options.windowSeconds, options.windows, options.rate);
        WatchedLoad measured = WatchedLoad.run(cluster::run, plan);
        return new Row("", place, name, "", callers, measured.load(), null, List.of(), measured.cpu());
    }

    private Row holds(ProcessCluster cluster, Place place) throws IOException, InterruptedException {
        progress.accept(place.title() + ": " + options.holds + " holds");
        warmUpHolds(cluster);
        try (HoldfastClient observer = cluster.connect()) {
            Holds.awaitNone(observer);
            Peer leader = cluster.leader();
            long before = leader.liveHeap();
            CpuReading begun = CpuReading.now();
            Row.HoldsResult taken = takeHolds(cluster, leader, before);
            CpuShares cpu = CpuReading.since(begun);
            // The end of the client that held them releases them.
            Holds.awaitNone(observer);
            double left = (leader.liveHeap() - before) / (double) options.holds;
            return new Row("", place, "holds", "", Holds.CALLERS, null, taken.withLeft(left), List.of(), cpu);
        }
    }

    /**
     * What it costs to hold them.
     *
     * @param clientHeap of this process, with the holds
     * @param one of the holds
     */
    private record Held(
            double perSecond,
            double leaderBytesPerHold,
            double leaderResidentMb,
            long clientHeap,
            WeakReference<LockHandle> one) {}

    private Row.HoldsResult takeHolds(ProcessCluster cluster, Peer leader, long leaderBefore)
            throws IOException, InterruptedException {
        Held held = hold(cluster, leader, leaderBefore);
        // Compared with later rather than before: what earlier work left behind is in neither figure then. Threads and
        // connections that are about to end keep the closed client for a while.
        Patience.await("the closed client to be collected", () -> {
            System.gc();
            return held.one.get() == null;
        });
        double clientBytesPerHold = (held.clientHeap - LiveHeap.bytes()) / (double) options.holds;
        return new Row.HoldsResult(
                options.holds, held.perSecond, held.leaderBytesPerHold, 0, held.leaderResidentMb, clientBytesPerHold);
    }

    private Held hold(ProcessCluster cluster, Peer leader, long leaderBefore) throws IOException, InterruptedException {
        try (HoldfastClient client = cluster.connect()) {
            WeakReference<LockHandle> one =
                    new WeakReference<>(client.createLock().hold(Holds.lockable(-1)));
            double perSecond = Holds.take(client, 0, options.holds);
            return new Held(
                    perSecond,
                    (leader.liveHeap() - leaderBefore) / (double) options.holds,
                    leader.residentBytes() / 1e6,
                    LiveHeap.bytes(),
                    one);
        }
    }

    /** Until the rate no longer rises, since pairs warm up other paths. */
    private void warmUpHolds(ProcessCluster cluster) throws IOException, InterruptedException {
        double before = 0;
        double now = 1;
        for (int round = 0; round < HOLDS_WARM_UPS_MAX && now > HOLDS_STILL_WARMING * before; round++) {
            before = now;
            try (HoldfastClient client = cluster.connect()) {
                Holds.awaitNone(client);
                now = Holds.take(client, options.holds, options.holds + Math.min(options.holds, HOLDS_WARM_UP));
            }
        }
    }
}
