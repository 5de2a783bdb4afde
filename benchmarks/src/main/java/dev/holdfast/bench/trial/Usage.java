package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.PeerProcess;
import dev.holdfast.bench.cluster.ProcessCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a cluster uses that is left alone. */
final class Usage {
    private static final int SETTLE_SECONDS_MAX = 5;

    /** Blocks for that time, and somewhat longer. */
    static List<Figure> over(ProcessCluster cluster, int seconds) throws IOException, InterruptedException {
        TimeUnit.SECONDS.sleep(Math.min(seconds, SETTLE_SECONDS_MAX));
        PeerProcess leader = cluster.leader();
        long indexBefore = leader.appliedIndex();
        Duration cpuBefore = cluster.cpu();
        long began = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        Duration cpu = cluster.cpu().minus(cpuBefore);
        double share = cpu.toNanos() / (double) (System.nanoTime() - began);
        return List.of(
                Figure.count("seconds", seconds),
                new Figure("processor time of all peers", 100 * share, "% of a core"),
                Figure.count("log entries", leader.appliedIndex() - indexBefore));
    }

    private Usage() {}
}
