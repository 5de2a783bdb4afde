package dev.holdfast.bench.cluster;

import com.google.gson.Gson;
import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.load.RestlessCallers;
import dev.holdfast.node.Member;
import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.PeerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A {@link BenchPeer}, as its parent sees it. Used by one thread. */
public final class Peer implements AutoCloseable {
    /** For child JVMs: their compilers do not come and go, so that the processor times of all of them can be read. */
    static final String ALL_COMPILERS = "-XX:-UseDynamicNumberOfCompilerThreads";

    /** Those of the launcher, and a heap of known size. */
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xms256m",
            "-Xmx2g",
            "-XX:MaxGCPauseMillis=20",
            ALL_COMPILERS,
            "-Dio.grpc.netty.shaded.io.netty.leakDetection.level=disabled",
            "-Dlogback.configurationFile=holdfast-logback.xml");

    private static final Duration READY_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    /** More than any load takes. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofHours(2);

    private static final Gson GSON = new Gson();

    private final Path dataFolder;
    private final PeerProcess process;

    Peer(Member member, List<Member> members, Path folder, PeerSettings settings) throws IOException {
        dataFolder = folder.resolve(member.id());
        process = new PeerProcess(
                member,
                ChildJvm.plan("peer " + member.id(), BenchPeer.class)
                        .jvmOptions(JVM_OPTIONS)
                        .jvmOptions(ChildJvm.COMPILES_EARLY)
                        .sharingClasses()
                        .arguments(member.id(), dataFolder.toString())
                        .arguments(settings.arguments())
                        .arguments(members.stream().map(Member::toString).toList())
                        .log(folder.resolve(member.id() + ".log")));
        process.start();
    }

    Member member() {
        return process.member();
    }

    public Path dataFolder() {
        return dataFolder;
    }

    void awaitReady() throws IOException, InterruptedException {
        process.jvm().awaitReady(READY_TIMEOUT);
    }

    boolean leads() throws IOException, InterruptedException {
        return Boolean.parseBoolean(ask("leads"));
    }

    /** Bytes in use after a collection. */
    public long liveHeap() throws IOException, InterruptedException {
        return Long.parseLong(ask("heap"));
    }

    /** What it has in memory; 0 where the system does not tell. */
    public long residentBytes() {
        return process.jvm().residentBytes();
    }

    /** How much processor time it has used since its start. */
    public Duration cpu() {
        return process.jvm().cpu();
    }

    public long appliedIndex() throws IOException, InterruptedException {
        return Long.parseLong(ask("applied"));
    }

    /** The longest that the applying of an entry took since this was last asked, waiting for the state's lock included. */
    public Duration longestApply() throws IOException, InterruptedException {
        return Duration.ofNanos(Long.parseLong(ask("longest-apply")));
    }

    /** Runs it in the peer's process, and blocks until it is done. */
    public LoadResult run(LoadPlan plan) throws IOException, InterruptedException {
        return GSON.fromJson(ask("load " + GSON.toJson(plan)), LoadResult.class);
    }

    /** Has that many {@link RestlessCallers} in it, and blocks until each has acquired something. */
    public void call(int callers, int firstKey, long pauseMs) throws IOException, InterruptedException {
        var unused = ask("call " + callers + " " + firstKey + " " + pauseMs);
    }

    /** From here on its callers' gaps are counted. */
    public void beginGaps() throws IOException, InterruptedException {
        var unused = ask("begin");
    }

    /** Those since then. Blocks until each caller has acquired something since now. */
    public RestlessCallers.Gaps gaps() throws IOException, InterruptedException {
        return GSON.fromJson(ask("gap"), RestlessCallers.Gaps.class);
    }

    private String ask(String question) throws IOException, InterruptedException {
        return process.jvm().ask(question, any -> true, ANSWER_TIMEOUT);
    }

    /** Lets it end in order. */
    public void stop() throws IOException, InterruptedException {
        process.jvm().endInput();
        process.jvm().awaitEnd(STOP_TIMEOUT);
    }

    /** Starts it in the same folder, after it was stopped or killed, and blocks until it has caught up. */
    public void startAgain() throws IOException, InterruptedException {
        process.start();
        awaitReady();
    }

    /** SIGKILL; it is gone when this returns. */
    public void kill() {
        process.kill();
    }

    @Override
    public void close() {
        kill();
    }
}
