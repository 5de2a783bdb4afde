package dev.holdfast.bench.trial;

import dev.holdfast.bench.cluster.ClientProcess;
import dev.holdfast.bench.cluster.Peer;
import dev.holdfast.bench.cluster.ProcessCluster;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadRun;
import dev.holdfast.bench.load.Workload;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A peer whose snapshot has many holds is stopped and restarted: how long until it has caught up. */
public final class Restart implements Trial {
    private static final Pattern SNAPSHOT = Pattern.compile("snapshot\\.\\d+_(\\d+)");
    private static final LoadPlan LOAD = new LoadPlan(Workload.OWN_KEY, 16, 0, 1, 1, 0);
    private static final long SNAPSHOT_TIMEOUT_S = 120;

    private final int holds;
    private final Consumer<String> progress;

    public Restart(int holds, Consumer<String> progress) {
        this.holds = holds;
        this.progress = progress;
    }

    /** Few while the holds are acquired, and one soon after. */
    @Override
    public long snapshotEvery() {
        return Math.max(100, Math.min(holds / 50, 10_000));
    }

    @Override
    public List<Findings> run(ProcessCluster cluster) throws IOException, InterruptedException {
        Peer peer = cluster.follower();
        try (ClientProcess holder = cluster.startClient(ClientOptions.defaults().sessionLease())) {
            double perSecond = holder.take(0, holds);
            progress.accept(String.format(Locale.ROOT, "%,d holds acquired, %,.0f per second", holds, perSecond));
            Duration longestBefore = peer.longestApply();
            Path snapshot = awaitSnapshot(cluster, peer);
            Duration longestApply = peer.longestApply();
            double snapshotMb = Files.size(snapshot) / 1e6;
            progress.accept(String.format(Locale.ROOT, "wrote a snapshot of %,.0f MB", snapshotMb));

            peer.stop();
            long began = System.nanoTime();
            peer.startAgain();
            double readySeconds = (System.nanoTime() - began) / 1e9;

            return List.of(new Findings(
                    0,
                    List.of(
                            Figure.count("holds", holds),
                            new Figure("acquired", perSecond, Figure.PER_SECOND),
                            new Figure("longest apply while they were acquired", ms(longestBefore), "ms"),
                            new Figure("snapshot", snapshotMb, "MB"),
                            new Figure("longest apply until it was written", ms(longestApply), "ms"),
                            new Figure("process started to peer ready", readySeconds, "s"))));
        }
    }

    /** Snapshots are due after a number of entries, so some must be written. */
    private static Path awaitSnapshot(ProcessCluster cluster, Peer peer) throws IOException, InterruptedException {
        long withAllHolds = peer.appliedIndex();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SNAPSHOT_TIMEOUT_S);
        try (HoldfastClient client = cluster.connect()) {
            while (System.nanoTime() - deadline < 0) {
                var unused = LoadRun.run(client, LOAD);
                Path snapshot = snapshotFrom(withAllHolds, peer.dataFolder().resolve("raft"));
                if (snapshot != null) {
                    return snapshot;
                }
            }
        }
        throw new IOException("no snapshot was written within " + SNAPSHOT_TIMEOUT_S + " s");
    }

    private static @Nullable Path snapshotFrom(long index, Path raft) throws IOException {
        try (DirectoryStream<Path> groups = Files.newDirectoryStream(raft, Files::isDirectory)) {
            for (Path group : groups) {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(group.resolve("sm"), "snapshot.*")) {
                    for (Path file : files) {
                        Matcher name = SNAPSHOT.matcher(file.getFileName().toString());
                        if (name.matches() && Long.parseLong(name.group(1)) >= index) {
                            return file;
                        }
                    }
                }
            }
        }
        return null;
    }

    private static double ms(Duration duration) {
        return duration.toNanos() / 1e6;
    }
}
