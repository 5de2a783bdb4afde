package dev.holdfast.jepsen.verify;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.jepsen.cluster.Reach;
import dev.holdfast.jepsen.workload.HoldersMain;
import dev.holdfast.jepsen.workload.ReadersMain;
import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Processes that burden a cluster with very many holds, and with readers of them. Their answers are not judged. */
final class Crowd implements AutoCloseable {
    /** So long that not even a very slow machine is taken for a cluster that has stopped. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final int POLL_MS = 100;

    private final String servers;
    private final Path folder;
    private final List<ChildJvm> processes = new ArrayList<>();
    private volatile String saidLast = "";

    /** @param folder for their logs */
    Crowd(String servers, Path folder) {
        this.servers = servers;
        this.folder = folder;
    }

    /** Starts a process with so many holds, of its session and with a TTL, and waits until it has all. */
    ChildJvm hold(int ofSession, int withTtl) throws IOException, InterruptedException {
        return started(ChildJvm.plan("holders", HoldersMain.class)
                .arguments(servers, String.valueOf(ofSession), String.valueOf(withTtl))
                .readyWhen(HoldersMain.HOLDING::equals));
    }

    /** Starts a process of so many readers, and waits until they read. */
    ChildJvm read(int readers, int holds) throws IOException, InterruptedException {
        return started(ChildJvm.plan("readers", ReadersMain.class)
                .arguments(servers, String.valueOf(readers), String.valueOf(holds))
                .readyWhen(ReadersMain.READING::equals));
    }

    private ChildJvm started(ChildJvm.Plan plan) throws IOException, InterruptedException {
        ChildJvm jvm = plan.jvmOptions("-Xmx512m")
                .output(line -> saidLast = line)
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .jvmOptions("-Dlogback.configurationFile=dev/holdfast/jepsen/cluster/peer-logback.xml")
                .log(folder.resolve("crowd.log"))
                .guarded()
                .start();
        processes.add(jvm);
        jvm.awaitReady(PATIENCE);
        return jvm;
    }

    /** Asks it to end, waits for that, and returns what it said last. */
    String end(ChildJvm jvm) throws IOException, InterruptedException {
        jvm.endInput();
        int status = jvm.awaitEnd(PATIENCE);
        if (status != 0) {
            throw new IOException(jvm.name() + " ended with " + status);
        }
        return saidLast;
    }

    /** Waits until nothing is held whose key begins like that. */
    void awaitNothingHeld(String keys) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (HoldfastClient client = Reach.connect(servers, ClientOptions.defaults())) {
            while (isHeld(client, keys)) {
                if (System.nanoTime() - deadline >= 0) {
                    throw new IOException(keys + " is still held after " + PATIENCE.toSeconds() + " s");
                }
                Thread.sleep(POLL_MS);
            }
        }
    }

    private static boolean isHeld(HoldfastClient client, String keys) {
        try (Stream<LockableInfo> held = client.list(keys)) {
            return held.findAny().isPresent();
        }
    }

    @Override
    public void close() {
        ChildJvm.killAll(processes);
    }
}
