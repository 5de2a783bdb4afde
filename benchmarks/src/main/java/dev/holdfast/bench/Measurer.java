package dev.holdfast.bench;

import dev.holdfast.bench.cluster.BenchCluster;
import dev.holdfast.bench.cluster.JvmCluster;
import dev.holdfast.bench.cluster.Place;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.Holds;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.Workload;
import dev.holdfast.client.HoldfastClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Runs one workload after the other, all of one place on one cluster. */
final class Measurer {
    private static final int PREWARM_CALLERS = 16;
    private static final int SHARED_CALLERS = 16;
    private static final int SEMAPHORE_CALLERS = 64;
    private static final int HOLDS_CALLERS = 64;

    private final BenchOptions options;
    private final Consumer<String> progress;

    Measurer(BenchOptions options, Consumer<String> progress) {
        this.options = options;
        this.progress = progress;
    }

    List<Row> measure(Place place) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (BenchCluster cluster = start(place)) {
            // Else the first workload would be judged by the interpreter's speed.
            progress.accept(place.title() + ": warming up");
            var unused = cluster.run(new LoadPlan(Workload.OWN_KEY, PREWARM_CALLERS, options.prewarmSeconds, 1, 1, 0));
            for (String workload : options.workloads) {
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
            }
        }
        return rows;
    }

    private static BenchCluster start(Place place) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("holdfast-bench-");
        return place == Place.JVM
                ? JvmCluster.start(folder)
                : ProcessCluster.start(place, folder, System.getProperty("java.class.path"));
    }

    private Row load(BenchCluster cluster, Place place, String name, Workload workload, int callers)
            throws IOException, InterruptedException {
        progress.accept(place.title() + ": " + workload.title() + ", " + callers + " callers");
        LoadPlan plan = new LoadPlan(
                workload, callers, options.warmUpSeconds, options.windowSeconds, options.windows, options.rate);
        return new Row("", place, name, callers, cluster.run(plan), null);
    }

    private Row holds(ProcessCluster cluster, Place place) throws IOException, InterruptedException {
        progress.accept(place.title() + ": " + options.holds + " holds");
        try (HoldfastClient client = cluster.connect()) {
            long before = cluster.leaderHeap();
            double perSecond = Holds.take(client, options.holds, HOLDS_CALLERS);
            double bytes = (cluster.leaderHeap() - before) / (double) options.holds;
            return new Row(
                    "", place, "holds", HOLDS_CALLERS, null, new Row.HoldsResult(options.holds, perSecond, bytes));
        }
    }
}
