package dev.holdfast.bench.cluster;

import com.google.gson.Gson;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A {@link BenchClient}, as its parent sees it. Used by one thread. */
public final class ClientProcess implements AutoCloseable {
    private static final Duration ANSWER_TIMEOUT = Duration.ofHours(2);
    private static final Gson GSON = new Gson();

    private final ChildJvm jvm;

    ClientProcess(Path log, String peers, Duration sessionLease) throws IOException {
        jvm = ChildJvm.plan("the client", BenchClient.class)
                .jvmOptions("-Xmx3g", "-Dlogback.configurationFile=holdfast-logback.xml", Peer.ALL_COMPILERS)
                .arguments(peers, String.valueOf(sessionLease.toMillis()))
                .log(log)
                .start();
    }

    /**
     * Takes those of {@link dev.holdfast.bench.load.Holds}, and blocks until all are held.
     *
     * @return how many were acquired per second
     */
    public double take(int from, int to) throws IOException, InterruptedException {
        return Double.parseDouble(ask("take " + from + " " + to));
    }

    /** Runs it there, and blocks until it is done. */
    public LoadResult run(LoadPlan plan) throws IOException, InterruptedException {
        return GSON.fromJson(ask("load " + GSON.toJson(plan)), LoadResult.class);
    }

    private String ask(String question) throws IOException, InterruptedException {
        return jvm.ask(question, any -> true, ANSWER_TIMEOUT);
    }

    /** SIGKILL; it is gone when this returns. */
    public void kill() {
        jvm.kill();
    }

    @Override
    public void close() {
        kill();
    }
}
