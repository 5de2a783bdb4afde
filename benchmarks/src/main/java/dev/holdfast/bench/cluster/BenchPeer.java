package dev.holdfast.bench.cluster;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.Gson;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadRun;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.HoldfastNodeBuilder;
import dev.holdfast.node.RaftSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One peer as a process, told what to do by lines on its standard input: {@code leads}, {@code heap}, {@code applied},
 * {@code longest-apply}, and {@code load PLAN}, which runs callers inside of it. It answers with a line each, and ends with
 * its standard input.
 */
public final class BenchPeer {
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(1);
    private static final Gson GSON = new Gson();

    /** Arguments: id, data folder, {@link PeerSettings}, members. */
    public static void main(String[] args) throws IOException, InterruptedException {
        MetricRegistry metrics = new MetricRegistry();
        LongestApply longestApply = LongestApply.in(metrics);
        HoldfastNodeBuilder builder = HoldfastNode.builder();
        long snapshotEvery = Long.parseLong(args[3]);
        if (snapshotEvery > 0) {
            builder.ratis(RaftSettings.DEFAULT.snapshots(snapshotEvery, RaftSettings.DEFAULT.logKept()));
        }
        Path folder = Path.of(args[1]);
        BenchCertificates certificates = BenchCertificates.in(folder.resolveSibling("."));
        try (HoldfastNode node = certificates
                .secure(builder, args[0])
                .id(args[0])
                .dataFolder(folder)
                .metrics(metrics)
                .groups(Integer.parseInt(args[2]))
                .members(List.of(args).subList(4, args.length).toArray(new String[0]))
                .start()) {
            var unused = node.failure().thenAccept(cause -> Runtime.getRuntime().halt(1));
            if (!node.awaitReady(READY_TIMEOUT)) {
                throw new IOException("not ready after " + READY_TIMEOUT);
            }
            System.out.println("ready");
            obey(node, longestApply);
        }
    }

    private static void obey(HoldfastNode node, LongestApply longestApply) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int space = line.indexOf(' ');
            System.out.println(
                    switch (space < 0 ? line : line.substring(0, space)) {
                        case "leads" -> String.valueOf(node.isLeader());
                        case "heap" -> String.valueOf(LiveHeap.bytes());
                        case "applied" -> String.valueOf(node.appliedIndex());
                        case "longest-apply" -> String.valueOf(longestApply.takeNanos());
                        case "load" ->
                            GSON.toJson(LoadRun.run(
                                    node.client(), GSON.fromJson(line.substring(space + 1), LoadPlan.class)));
                        default -> throw new IOException("what is '" + line + "'?");
                    });
        }
    }

    private BenchPeer() {}
}
