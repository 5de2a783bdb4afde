package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.Peer;
import dev.holdfast.bench.cluster.ProcessCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a cluster uses when it is left alone. */
final class Usage {
    private static final int SETTLE_SECONDS_MAX = 5;

    /** A cluster that has little to do takes minutes to compile the code for that little. */
    private static final int LATER = 9;

    /**
     * What it uses right after it is left alone, and later, when that hardly changes any more. Blocks for about eleven
     * times as long.
     */
    static List<Figure> over(ProcessCluster cluster, int seconds) throws IOException, InterruptedException {
        TimeUnit.SECONDS.sleep(Math.min(seconds, SETTLE_SECONDS_MAX));
        List<Figure> figures = new ArrayList<>(List.of(Figure.count("seconds", seconds)));
        figures.addAll(watch(cluster, seconds, "first"));
        TimeUnit.SECONDS.sleep((long) LATER * seconds);
        figures.addAll(watch(cluster, seconds, LATER * seconds + " s later"));
        return figures;
    }

    private static List<Figure> watch(ProcessCluster cluster, int seconds, String when)
            throws IOException, InterruptedException {
        Peer leader = cluster.leader();
        long indexBefore = leader.appliedIndex();
        Duration cpuBefore = cluster.cpu();
        long began = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        Duration cpu = cluster.cpu().minus(cpuBefore);
        double share = cpu.toNanos() / (double) (System.nanoTime() - began);
        return List.of(
                new Figure("processor time of all peers, " + when, 100 * share, "% of a core"),
                Figure.count("log entries, " + when, leader.appliedIndex() - indexBefore));
    }

    private Usage() {}
}
