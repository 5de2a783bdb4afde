package dev.holdfast.bench.cluster;

import dev.holdfast.node.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A {@link BenchPeer}, as its parent sees it. Used by one thread. */
public final class PeerProcess implements AutoCloseable {
    /** Those of the launcher, and a heap of known size. */
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xms256m",
            "-Xmx2g",
            "-XX:MaxGCPauseMillis=20",
            "-Dio.grpc.netty.shaded.io.netty.leakDetection.level=disabled",
            "-Dorg.apache.ratis.thirdparty.io.netty.leakDetection.level=disabled");

    private final Member member;
    private final Path folder;
    private final List<String> arguments = new ArrayList<>();
    private ChildJvm jvm;

    PeerProcess(Member member, List<Member> members, Path folder, PeerSettings settings) throws IOException {
        this.member = member;
        this.folder = folder;
        arguments.addAll(List.of(member.id(), dataFolder().toString()));
        arguments.addAll(settings.arguments());
        members.forEach(each -> arguments.add(each.toString()));
        jvm = start();
    }

    private ChildJvm start() throws IOException {
        return ChildJvm.start(
                "peer " + member.id(), folder.resolve(member.id() + ".log"), JVM_OPTIONS, BenchPeer.class, arguments);
    }

    Member member() {
        return member;
    }

    public Path dataFolder() {
        return folder.resolve(member.id());
    }

    void awaitReady() throws IOException {
        jvm.answer();
    }

    boolean leads() throws IOException {
        return Boolean.parseBoolean(ask("leads"));
    }

    /** Bytes in use after a collection. */
    public long liveHeap() throws IOException {
        return Long.parseLong(ask("heap"));
    }

    /** What it has in memory; 0 where the system does not tell. */
    public long residentBytes() {
        return jvm.residentBytes();
    }

    /** How much processor time it has used since its start. */
    public Duration cpu() {
        return jvm.cpu();
    }

    public long appliedIndex() throws IOException {
        return Long.parseLong(ask("applied"));
    }

    /** The longest that the applying of an entry took since this was last asked, waiting for the state's lock included. */
    public Duration longestApply() throws IOException {
        return Duration.ofNanos(Long.parseLong(ask("longest-apply")));
    }

    String ask(String question) throws IOException {
        return jvm.ask(question);
    }

    public void stop() throws IOException, InterruptedException {
        jvm.stop();
    }

    /** Starts it in the same folder, after it was stopped or killed, and blocks until it has caught up. */
    public void startAgain() throws IOException {
        jvm = start();
        awaitReady();
    }

    /** SIGKILL; it is gone when this returns. */
    public void kill() {
        jvm.close();
    }

    @Override
    public void close() {
        kill();
    }
}
