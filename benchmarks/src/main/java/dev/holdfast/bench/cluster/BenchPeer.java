package dev.holdfast.bench.cluster;

import com.google.gson.Gson;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadRun;
import dev.holdfast.node.HoldfastNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One peer as a process, told what to do by lines on its standard input: {@code leads}, {@code heap}, and
 * {@code load PLAN}, which runs callers inside of it. It answers with a line each, and ends with its standard input.
 */
public final class BenchPeer {
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(1);
    private static final Gson GSON = new Gson();

    /** Arguments: id, data folder, members. */
    public static void main(String[] args) throws IOException, InterruptedException {
        try (HoldfastNode node = HoldfastNode.builder()
                .id(args[0])
                .dataFolder(Path.of(args[1]))
                .members(List.of(args).subList(2, args.length).toArray(new String[0]))
                .start()) {
            var unused = node.failure().thenAccept(cause -> Runtime.getRuntime().halt(1));
            if (!node.awaitReady(READY_TIMEOUT)) {
                throw new IOException("not ready after " + READY_TIMEOUT);
            }
            System.out.println("ready");
            obey(node);
        }
    }

    private static void obey(HoldfastNode node) throws IOException, InterruptedException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int space = line.indexOf(' ');
            System.out.println(
                    switch (space < 0 ? line : line.substring(0, space)) {
                        case "leads" -> String.valueOf(node.isLeader());
                        case "heap" -> String.valueOf(liveHeap());
                        case "load" ->
                            GSON.toJson(LoadRun.run(
                                    node.client(), GSON.fromJson(line.substring(space + 1), LoadPlan.class)));
                        default -> throw new IOException("what is '" + line + "'?");
                    });
        }
    }

    private static long liveHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private BenchPeer() {}
}
