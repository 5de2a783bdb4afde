package dev.holdfast.bench.cluster;

import com.codahale.metrics.MetricRegistry;
import com.google.gson.Gson;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadRun;
import dev.holdfast.bench.load.RestlessCallers;
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
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One peer as a process, told what to do by lines on its standard input: {@code leads}, {@code heap}, {@code applied},
 * {@code longest-apply}; {@code load PLAN}, which runs callers inside of it; and {@code call N FIRST-KEY PAUSE}, which has callers there that
 * never rest, {@code begin} and {@code gap}, which tell for how long they got nothing. It answers with a line each, and ends
 * with its standard input.
 */
public final class BenchPeer {
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(1);
    private static final long OUTAGE_MAX_S = 60;
    private static final Gson GSON = new Gson();

    private final HoldfastNode node;
    private final LongestApply longestApply;
    private @Nullable RestlessCallers callers;

    private BenchPeer(HoldfastNode node, LongestApply longestApply) {
        this.node = node;
        this.longestApply = longestApply;
    }

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
            new BenchPeer(node, longestApply).obey();
        }
    }

    private void obey() throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int space = line.indexOf(' ');
            String word = space < 0 ? line : line.substring(0, space);
            System.out.println(answer(word, line.substring(space + 1)));
        }
        if (callers != null) {
            callers.close();
        }
    }

    private String answer(String word, String rest) throws IOException, InterruptedException {
        return switch (word) {
            case "leads" -> String.valueOf(node.isLeader());
            case "heap" -> String.valueOf(LiveHeap.bytes());
            case "applied" -> String.valueOf(node.appliedIndex());
            case "longest-apply" -> String.valueOf(longestApply.takeNanos());
            case "load" -> GSON.toJson(LoadRun.run(node.client(), GSON.fromJson(rest, LoadPlan.class)));
            case "call" -> {
                String[] numbers = rest.split(" ", -1);
                RestlessCallers started = new RestlessCallers(
                        node.client(),
                        Integer.parseInt(numbers[0]),
                        Integer.parseInt(numbers[1]),
                        Long.parseLong(numbers[2]));
                callers = started;
                started.awaitSuccessOfAll(OUTAGE_MAX_S);
                yield "called";
            }
            case "begin" -> {
                Objects.requireNonNull(callers).begin();
                yield "begun";
            }
            case "gap" -> {
                RestlessCallers asked = Objects.requireNonNull(callers);
                asked.awaitSuccessOfAll(OUTAGE_MAX_S);
                yield GSON.toJson(asked.gaps());
            }
            default -> throw new IOException("what is '" + word + "'?");
        };
    }
}
