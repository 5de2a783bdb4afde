package dev.holdfast.kill;

import com.codahale.metrics.MetricRegistry;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.NodeMetrics;
import dev.holdfast.node.RaftSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One peer with callers in it, driven by lines on its standard input and telling what happens on its standard output. It
 * ends with its standard input, so it never outlives the test.
 *
 * <p>Arguments: id, data folder, number of callers, members. Lines out: {@code READY}, {@code LEADS boolean}, {@code G key token
 * okNanos} for a grant, {@code R key token invokeNanos} before a release, {@code X key token nanos} for a hold that was
 * lost, {@code H index hash}, {@code K key token} for a kept hold, {@code S key token state} for its state
 * and {@code M heapBytes threads files clients} for what it takes up.
 */
public final class ProcessPeerMain {
    /** The system property that sets how large the log's files get. */
    static final String LOG_SEGMENT_BYTES = "holdfast.test.log-segment-bytes";

    private static final int KEYS = 3;
    private static final LockableDefinition CONTENDED = Holdfast.createLockable("contended", LockableOptions.plural());
    private static final MetricRegistry METRICS = new MetricRegistry();
    private static final LockOwnerType WORKER = Holdfast.createLockOwner("worker");

    private final HoldfastNode node;
    private final HoldfastLock lock;
    private final List<LockHandle> kept = new ArrayList<>();
    private volatile boolean working = true;

    private ProcessPeerMain(HoldfastNode node) {
        this.node = node;
        this.lock = node.client().createLock();
    }

    public static void main(String[] args) throws Exception {
        HoldfastNode node = HoldfastNode.builder()
                .id(args[0])
                .dataFolder(Path.of(args[1]))
                .members(List.of(args).subList(3, args.length).toArray(new String[0]))
                .ratis(RaftSettings.DEFAULT
                        .electionTimeouts(ProcessCluster.ELECTION_TIMEOUT_MS, 2 * ProcessCluster.ELECTION_TIMEOUT_MS)
                        .snapshots(400, 100)
                        .logSegments(Long.getLong(LOG_SEGMENT_BYTES, 16 << 10)))
                .metrics(METRICS)
                .clientOptions(options -> options.requestTimeout(Duration.ofSeconds(20)))
                .start();
        ProcessPeerMain process = new ProcessPeerMain(node);
        node.failure().thenAccept(cause -> {
            say("FAILED " + cause);
            Runtime.getRuntime().halt(3);
        });
        if (node.awaitReady(ProcessCluster.PATIENCE)) {
            say("READY");
        }
        for (int i = 0; i < Integer.parseInt(args[2]); i++) {
            // Not the owner of an earlier process: that one's hold would be its own, under the same token.
            LockOwner owner = WORKER.of(args[0] + "-" + ProcessHandle.current().pid() + "-" + i);
            new Thread(() -> process.work(owner), "worker-" + i).start();
        }
        process.obey();
        Runtime.getRuntime().halt(0);
    }

    private void work(LockOwner owner) {
        while (working) {
            Lockable key =
                    CONTENDED.of(String.valueOf(ThreadLocalRandom.current().nextInt(KEYS)));
            try {
                AcquireResult result =
                        lock.acquire(owner, key, AcquireOptions.defaults().wait(Duration.ofSeconds(2)));
                if (result.acquired()) {
                    useAndRelease(result.orThrow());
                }
            } catch (LockException e) {
                say("E " + e.getClass().getSimpleName());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void useAndRelease(LockHandle handle) {
        String hold = handle.lockable().key() + " " + handle.token();
        handle.onLost(reason -> say("X " + hold + " " + System.nanoTime()));
        say("G " + hold + " " + System.nanoTime());
        Thread.onSpinWait();
        say("R " + hold + " " + System.nanoTime());
        handle.release();
    }

    private void obey() throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "leads" -> say("LEADS " + node.isLeader());
                case "hash" -> say("H " + node.appliedIndex() + " " + node.stateHash());
                case "keep" -> keep(words[1]);
                case "kept" ->
                    kept.forEach(handle ->
                            say("S " + handle.lockable().key() + " " + handle.token() + " " + handle.state()));
                case "measure" -> measure();
                case "fill" -> fill();
                case "list" -> list();
                case "stop" -> working = false;
                default -> say("? " + line);
            }
        }
    }

    private void keep(String name) {
        Lockable key = Holdfast.createLockable(name).of();
        try {
            LockHandle handle = lock.hold(
                    WORKER.of("keeper-" + node.id()),
                    key,
                    AcquireOptions.defaults().wait(Duration.ofSeconds(15)));
            kept.add(handle);
            say("K " + name + " " + handle.token());
        } catch (LockException | InterruptedException e) {
            say("E keep " + e);
        }
    }

    /** Takes and keeps holds on long keys, and says which it got, until something goes wrong. */
    private void fill() {
        LockOwner owner = WORKER.of("filler");
        String padding = "x".repeat(900);
        for (int i = 0; ; i++) {
            Lockable key = Holdfast.createLockable("full-" + i + "-" + padding).of();
            try {
                AcquireResult result =
                        lock.acquire(owner, key, AcquireOptions.defaults().untilReleased());
                say("F full-" + i + " " + result.token());
            } catch (LockException | InterruptedException e) {
                say("E fill " + e.getClass().getSimpleName());
                return;
            }
        }
    }

    private void list() {
        node.client()
                .list("full-")
                .forEach(info -> info.holds()
                        .forEach(hold ->
                                say("F " + info.key().substring(0, info.key().indexOf("-x")) + " " + hold.token())));
        say("LISTED");
    }

    private static void measure() {
        System.gc();
        UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        say("M " + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + " "
                + ManagementFactory.getThreadMXBean().getThreadCount() + " " + system.getOpenFileDescriptorCount() + " "
                + METRICS.getGauges().get(NodeMetrics.PREFIX + "clients").getValue());
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
