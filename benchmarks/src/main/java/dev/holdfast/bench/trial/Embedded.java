package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.Peer;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.cpu.CpuWatch;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.load.Workload;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** Three applications, each with a peer in its process and callers of its own. */
public final class Embedded implements Trial {
    /** In each process, for one key. */
    private static final int SHARED_CALLERS = 8;

    private final List<Integer> callers;
    private final Schedule schedule;
    private final Consumer<String> progress;

    /** @param callers how many in each process, with a key each: one measurement after the other */
    public Embedded(List<Integer> callers, Schedule schedule, Consumer<String> progress) {
        this.callers = List.copyOf(callers);
        this.schedule = schedule;
        this.progress = progress;
    }

    @Override
    public boolean warmedUp() {
        return false;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        if (schedule.prewarmSeconds() > 0) {
            progress.accept("warming up");
            var unused = runInAll(cluster.peers(), schedule.prewarm(Collections.max(callers)));
        }
        List<Findings> rows = new ArrayList<>();
        for (int count : callers) {
            rows.addAll(measure(cluster, "own keys", schedule.plan(Workload.OWN_KEY, count)));
        }
        rows.addAll(measure(cluster, "one key", schedule.plan(Workload.ONE_KEY, SHARED_CALLERS)));
        return rows;
    }

    private List<Findings> measure(ProcessCluster cluster, String part, LoadPlan plan)
            throws IOException, InterruptedException {
        progress.accept(part + ", " + plan.callers() + " callers in each process");
        List<Peer> peers = new ArrayList<>(List.of(cluster.leader()));
        cluster.peers().stream().filter(peer -> !peers.contains(peer)).forEach(peers::add);
        try (CpuWatch watch = CpuWatch.start(plan.warmUpSeconds(), plan.windowSeconds(), plan.windows())) {
            return EmbeddedRows.of(part, plan.callers(), runInAll(peers, plan), watch.overall());
        }
    }

    /** In all of them at the same time. The results are in the order of the peers. */
    private static List<LoadResult> runInAll(List<Peer> peers, LoadPlan plan) throws IOException, InterruptedException {
        return Together.run(peers.size(), i -> peers.get(i).run(plan.from(i * plan.callers())));
    }
}
