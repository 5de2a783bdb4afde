package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.BusyProcess;
import dev.holdfast.bench.cluster.ClientProcess;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.load.WatchedLoad;
import dev.holdfast.bench.load.Workload;
import dev.holdfast.client.ClientOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** One caller flat out, first on a quiet machine, then beside processes of the same priority that take every processor. */
public final class Busy implements Trial {
    private static final int WARMING_CALLERS = 16;

    private final Schedule schedule;
    private final Consumer<String> progress;

    public Busy(Schedule schedule, Consumer<String> progress) {
        this.schedule = schedule;
        this.progress = progress;
    }

    @Override
    public boolean warmedUp() {
        return false;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        try (ClientProcess client = cluster.startClient(ClientOptions.defaults().sessionLease())) {
            progress.accept("warming up");
            if (schedule.prewarmSeconds() > 0) {
                var unused = client.run(schedule.prewarm(WARMING_CALLERS));
            }
            progress.accept("quiet");
            WatchedLoad quiet = measure(client);
            progress.accept("every processor taken");
            try (BusyProcess.Crew crew = BusyProcess.onAllProcessors(Duration.ofSeconds(schedule.boundSeconds()))) {
                Duration before = crew.cpu();
                long began = System.nanoTime();
                WatchedLoad busy = measure(client);
                double cores = crew.cpu().minus(before).toNanos() / (double) (System.nanoTime() - began);
                return List.of(
                        new Findings("quiet", 1, quiet.load(), quiet.cpu()),
                        new Findings("busy", 1, busy.load(), busy.cpu()),
                        new Findings(1, figures(quiet.load(), busy.load(), crew.size(), cores)));
            }
        }
    }

    private WatchedLoad measure(ClientProcess client) throws IOException, InterruptedException {
        return WatchedLoad.run(client::run, schedule.plan(Workload.OWN_KEY, 1));
    }

    private static List<Figure> figures(LoadResult quiet, LoadResult busy, int processes, double cores) {
        return List.of(
                new Figure("of the quiet rate", Ratio.of(100 * busy.pairsPerSecond(), quiet.pairsPerSecond()), "%"),
                new Figure("pair p50", Ratio.of(busy.pairP50(), quiet.pairP50()), "times as long"),
                new Figure("pair p99", Ratio.of(busy.pairP99(), quiet.pairP99()), "times as long"),
                Figure.count("busy processes", processes),
                new Figure("which used", 100 * cores / processes, "% of all processors"));
    }
}
