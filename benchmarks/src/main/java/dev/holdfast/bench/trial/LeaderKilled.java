package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.Peer;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.RestlessCallers;
import dev.holdfast.client.HoldfastClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The leader is killed and restarted, again and again: for how long nobody is served. */
public final class LeaderKilled implements Trial {
    private static final int CALLERS = 16;
    private static final long OUTAGE_MAX_S = 60;

    private final int kills;
    private final long everySeconds;
    private final Consumer<String> progress;

    /** @param everySeconds the least time between two kills; a killed peer is back before the next one is killed */
    public LeaderKilled(int kills, long everySeconds, Consumer<String> progress) {
        this.kills = kills;
        this.everySeconds = everySeconds;
        this.progress = progress;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        List<Double> gaps = new ArrayList<>();
        List<Double> gapsOfOne = new ArrayList<>();
        long errors;
        try (HoldfastClient client = cluster.connect();
                RestlessCallers callers = new RestlessCallers(client, CALLERS)) {
            callers.awaitSuccessOfAll(OUTAGE_MAX_S);
            for (int kill = 1; kill <= kills; kill++) {
                Peer leader = cluster.leader();
                long due = System.nanoTime() + TimeUnit.SECONDS.toNanos(everySeconds);
                callers.begin();
                leader.kill();
                leader.startAgain();
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                callers.awaitSuccessOfAll(OUTAGE_MAX_S);
                gaps.add(callers.longestOfAllMs());
                gapsOfOne.add(callers.longestOfOneMs());
                progress.accept(String.format(
                        Locale.ROOT, "kill %d of %d: gap %.0f ms", kill, kills, callers.longestOfAllMs()));
            }
            errors = callers.errors();
        }
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.count("kills", kills));
        figures.addAll(Figure.spread("gap", gaps, "ms"));
        figures.addAll(Figure.spread("gap of the unluckiest caller", gapsOfOne, "ms"));
        figures.add(Figure.count("errors", errors));
        return List.of(new Findings(CALLERS, figures));
    }
}
