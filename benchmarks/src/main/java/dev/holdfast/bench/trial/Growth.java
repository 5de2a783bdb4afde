package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ClientProcess;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.HandOvers;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadRun;
import dev.holdfast.bench.load.Workload;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Whether an operation costs more if there is more of what it has nothing to do with. */
public final class Growth implements Trial {
    private static final int CALLERS = 16;
    private static final int FIRST_WARM_UPS = 4;

    private final int holdsMax;
    private final int waitersMax;
    private final int warmUpSeconds;
    private final int windowSeconds;
    private final int windows;
    private final Consumer<String> progress;

    /** At most so many holds, and waiters on one key. */
    public Growth(
            int holdsMax,
            int waitersMax,
            int warmUpSeconds,
            int windowSeconds,
            int windows,
            Consumer<String> progress) {
        this.holdsMax = holdsMax;
        this.waitersMax = waitersMax;
        this.warmUpSeconds = warmUpSeconds;
        this.windowSeconds = windowSeconds;
        this.windows = windows;
        this.progress = progress;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        List<Findings> rows = new ArrayList<>(waiters(cluster));
        rows.addAll(holds(cluster));
        return rows;
    }

    private List<Findings> waiters(ProcessCluster cluster) throws IOException, InterruptedException {
        List<Findings> rows = new ArrayList<>();
        double base = 0;
        for (int waiters : steps(waitersMax, 1, 100, 10_000)) {
            try (HoldfastClient client = cluster.connect()) {
                double rate = HandOvers.perSecond(client, waiters, warmUp(rows), windowSeconds, windows);
                base = rows.isEmpty() ? rate : base;
                rows.add(row(waiters, "waiters on the key", waiters, "hand-overs", rate, base));
            }
        }
        return rows;
    }

    /** Another process has the holds, so that the callers' own heap does not grow with them. */
    private List<Findings> holds(ProcessCluster cluster) throws IOException, InterruptedException {
        List<Findings> rows = new ArrayList<>();
        double base = 0;
        int taken = 0;
        try (HoldfastClient client = cluster.connect();
                ClientProcess holder =
                        cluster.startClient(ClientOptions.defaults().sessionLease())) {
            for (int holds : steps(holdsMax, 1000, 100_000, 1_000_000)) {
                var unused = holder.take(taken, holds);
                taken = holds;
                double rate = LoadRun.run(
                                client,
                                new LoadPlan(Workload.OWN_KEY, CALLERS, warmUp(rows), windowSeconds, windows, 0))
                        .pairsPerSecond();
                base = rows.isEmpty() ? rate : base;
                rows.add(row(CALLERS, "other holds", holds, "pairs", rate, base));
            }
        }
        return rows;
    }

    /** Longer for the first, or what comes later would seem to cost less. */
    private int warmUp(List<Findings> before) {
        return before.isEmpty() ? FIRST_WARM_UPS * warmUpSeconds : warmUpSeconds;
    }

    /** Those below the largest, and the largest. */
    private static List<Integer> steps(int largest, int... usual) {
        return IntStream.concat(IntStream.of(usual).filter(step -> step < largest), IntStream.of(largest))
                .boxed()
                .toList();
    }

    private Findings row(int callers, String ofWhat, int count, String what, double rate, double base) {
        progress.accept(String.format(Locale.ROOT, "%,d %s: %,.0f %s per second", count, ofWhat, rate, what));
        return new Findings(
                callers,
                List.of(
                        Figure.count(ofWhat, count),
                        new Figure(what, rate, Figure.PER_SECOND),
                        new Figure("ratio to the fewest", base > 0 ? rate / base : 0, "")));
    }
}
