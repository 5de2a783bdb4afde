package dev.holdfast.bench.cluster;

import dev.holdfast.node.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link BenchPeer}, as its parent sees it. Used by one thread. */
final class PeerProcess implements AutoCloseable {
    private static final long KILL_TIMEOUT_S = 10;

    private final Member member;
    private final Path log;
    private final Process process;
    private final BufferedReader answers;

    private PeerProcess(Member member, Path log, Process process) {
        this.member = member;
        this.log = log;
        this.process = process;
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** @param classPath that of the build under test */
    static PeerProcess start(
            Member member, List<Member> members, Path folder, String classPath, List<String> jvmOptions)
            throws IOException {
        Path log = folder.resolve(member.id() + ".log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-Dlogback.configurationFile=holdfast-logback.xml",
                "-cp",
                classPath,
                BenchPeer.class.getName(),
                member.id(),
                folder.resolve(member.id()).toString()));
        members.forEach(each -> command.add(each.toString()));
        return new PeerProcess(
                member,
                log,
                new ProcessBuilder(command).redirectError(log.toFile()).start());
    }

    Member member() {
        return member;
    }

    void awaitReady() throws IOException {
        answer();
    }

    boolean leads() throws IOException {
        return Boolean.parseBoolean(ask("leads"));
    }

    /** Bytes in use after a collection. */
    long liveHeap() throws IOException {
        return Long.parseLong(ask("heap"));
    }

    String ask(String question) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((question + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        return answer();
    }

    private String answer() throws IOException {
        String line = answers.readLine();
        if (line == null) {
            throw new IOException("peer " + member.id() + " ended; its log is " + log);
        }
        return line;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().orTimeout(KILL_TIMEOUT_S, TimeUnit.SECONDS).join();
    }
}
