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

/**
 * One peer after the other is stopped in order and restarted, again and again: for how long nobody is served meanwhile, of
 * callers on a thin client, and of those in the processes of the other peers.
 */
public final class RollingRestart implements Trial {
    /** In each place. */
    private static final int CALLERS = 2;

    /** They shall notice a gap, not use up the processors. */
    private static final long CALLERS_PAUSE_MS = 20;

    private static final long OUTAGE_MAX_S = 60;

    /** After each restart: what was opened and elected by then has settled. */
    private static final long PAUSE_MS = 1000;

    private final int rounds;
    private final Consumer<String> progress;

    private final List<Double> thinGaps = new ArrayList<>();
    private final List<Double> memberGaps = new ArrayList<>();
    private final List<Double> gapsOfOne = new ArrayList<>();
    private final List<Double> leaderGaps = new ArrayList<>();
    private final List<Double> stops = new ArrayList<>();
    private final List<Double> starts = new ArrayList<>();
    private long errors;

    public RollingRestart(int rounds, Consumer<String> progress) {
        this.rounds = rounds;
        this.progress = progress;
    }

    /** A restarted peer shall not spend its time, and the others' processors, on a log that is long by accident. */
    @Override
    public long snapshotEvery() {
        return 2_000;
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        List<Peer> peers = cluster.peers();
        for (Peer peer : peers) {
            call(peer, peers);
        }
        try (HoldfastClient client = cluster.connect();
                RestlessCallers thin = new RestlessCallers(client, CALLERS, 0, CALLERS_PAUSE_MS)) {
            thin.awaitSuccessOfAll(OUTAGE_MAX_S);
            for (int restart = 0; restart < rounds * peers.size(); restart++) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
                restart(cluster, peers.get(restart % peers.size()), thin);
            }
        }
        List<Figure> figures = new ArrayList<>();
        figures.add(Figure.count("restarts", stops.size()));
        figures.addAll(Figure.spread("gap, thin client", thinGaps, "ms"));
        figures.addAll(Figure.spread("gap, another member", memberGaps, "ms"));
        if (!leaderGaps.isEmpty()) {
            figures.addAll(Figure.spread("gap when the leader stopped", leaderGaps, "ms"));
        }
        figures.addAll(Figure.spread("gap of the unluckiest caller", gapsOfOne, "ms"));
        figures.addAll(Figure.spread("stop", stops, "ms"));
        figures.addAll(Figure.spread("process started to peer ready", starts, "ms"));
        figures.add(Figure.count("errors", errors));
        return List.of(new Findings(CALLERS * (peers.size() + 1), figures));
    }

    private void restart(ProcessCluster cluster, Peer peer, RestlessCallers thin)
            throws IOException, InterruptedException {
        List<Peer> peers = cluster.peers();
        List<Peer> others = peers.stream().filter(each -> each != peer).toList();
        boolean led = cluster.leader() == peer;
        thin.begin();
        for (Peer other : others) {
            other.beginGaps();
        }
        long began = System.nanoTime();
        peer.stop();
        long stopped = System.nanoTime();
        peer.startAgain();
        long ready = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        thin.awaitSuccessOfAll(OUTAGE_MAX_S);
        note(thin.gaps(), thinGaps, led);
        for (Peer other : others) {
            note(other.gaps(), memberGaps, led);
        }
        stops.add((stopped - began) / 1e6);
        starts.add((ready - stopped) / 1e6);
        progress.accept(String.format(
                Locale.ROOT,
                "restart %d, of %s: gap %.0f ms, stop %.0f ms, start %.0f ms",
                stops.size(),
                led ? "the leader" : "a follower",
                Math.max(last(thinGaps), Math.max(last(memberGaps), memberGaps.get(memberGaps.size() - 2))),
                last(stops),
                last(starts)));
        call(peer, peers);
    }

    private void note(RestlessCallers.Gaps gaps, List<Double> ofPlace, boolean led) {
        ofPlace.add(gaps.ofAllMs());
        gapsOfOne.add(gaps.ofOneMs());
        errors += gaps.errors();
        if (led) {
            leaderGaps.add(gaps.ofAllMs());
        }
    }

    /** Those of one peer have other keys than those of another, and than those of the thin client. */
    private static void call(Peer peer, List<Peer> peers) throws IOException, InterruptedException {
        peer.call(CALLERS, CALLERS * (1 + peers.indexOf(peer)), CALLERS_PAUSE_MS);
    }

    private static double last(List<Double> values) {
        return values.get(values.size() - 1);
    }
}
