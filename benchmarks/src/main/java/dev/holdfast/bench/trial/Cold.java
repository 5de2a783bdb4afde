package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ClientProcess;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.load.WatchedLoad;
import dev.holdfast.bench.load.Workload;
import dev.holdfast.client.ClientOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** One caller flat out from the start of peers and client on, and what it reaches once they are warm. */
public final class Cold implements Trial {
    private static final int STRETCH_SECONDS = 5;
    private static final int WARMING_CALLERS = 16;

    private final Stretches cold;
    private final Schedule warm;
    private final Consumer<String> progress;

    /**
     * @param seconds how long the caller is watched from the start on
     * @param warm how it is measured after that
     */
    public Cold(int seconds, Schedule warm, Consumer<String> progress) {
        this.cold = new Stretches(seconds, STRETCH_SECONDS, 0);
        this.warm = warm;
        this.progress = progress;
    }

    @Override
    public boolean warmedUp() {
        return false;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        try (ClientProcess client = cluster.startClient(ClientOptions.defaults().sessionLease())) {
            progress.accept("from the start");
            WatchedLoad atFirst = WatchedLoad.run(client::run, cold.plan());
            List<Findings> rows = new ArrayList<>(cold.rows(atFirst));
            progress.accept(String.format(
                    Locale.ROOT,
                    "%,.0f pairs per second in the first %d s; warming up",
                    atFirst.load().windows().get(0).pairsPerSecond(),
                    cold.plan().windowSeconds()));
            if (warm.prewarmSeconds() > 0) {
                var unused = client.run(warm.prewarm(WARMING_CALLERS));
            }
            WatchedLoad atLast = WatchedLoad.run(client::run, warm.plan(Workload.OWN_KEY, 1));
            rows.add(new Findings("warm", 1, atLast.load(), atLast.cpu()));
            rows.add(new Findings(1, shares(atFirst.load(), atLast.load())));
            return rows;
        }
    }

    /** How much of the warm rate there was in each stretch. */
    private List<Figure> shares(LoadResult atFirst, LoadResult atLast) {
        List<Figure> shares = new ArrayList<>();
        for (int i = 0; i < atFirst.windows().size(); i++) {
            double rate = atFirst.windows().get(i).pairsPerSecond();
            shares.add(new Figure(
                    "of the warm rate in " + cold.name(i), Ratio.of(100 * rate, atLast.pairsPerSecond()), "%"));
        }
        return shares;
    }
}
