package dev.holdfast.server.demo;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import dev.holdfast.server.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A peer in a JVM of its own. What it prints tells what it is; what it logs lies beside its data. */
final class PeerProcess {
    private static final int LOG_LINES_SHOWN = 15;
    private static final long KILL_TIMEOUT_S = 10;

    private final Member member;
    private final Path log;
    private final Process process;
    private volatile boolean ready;
    private volatile boolean leader;

    private PeerProcess(Member member, Path log, Process process) {
        this.member = member;
        this.log = log;
        this.process = process;
    }

    static PeerProcess start(Member member, List<Member> members, Path folder) throws IOException {
        Path log = folder.resolve(member.id() + ".log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "peer",
                        "--id",
                        member.id(),
                        "--members",
                        members.stream().map(Member::toString).collect(Collectors.joining(",")),
                        "--data",
                        folder.resolve(member.id()).toString())
                .redirectError(log.toFile())
                .start();
        PeerProcess peer = new PeerProcess(member, log, process);
        Thread reader = new Thread(peer::readLines, "peer-" + member.id());
        reader.setDaemon(true);
        reader.start();
        return peer;
    }

    private void readLines() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                switch (line) {
                    case "ready" -> ready = true;
                    case "leader" -> leader = true;
                    case "follower" -> leader = false;
                    default -> {
                        // Nothing else is of interest.
                    }
                }
            }
        } catch (IOException e) {
            // Its output breaks off when it is killed.
        } finally {
            leader = false;
        }
    }

    String id() {
        return member.id();
    }

    long pid() {
        return process.pid();
    }

    HostPort clientAddress() {
        return new HostPort(member.host(), member.clientPort());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    boolean isReady() {
        return ready;
    }

    boolean isLeader() {
        return leader && process.isAlive();
    }

    /** {@code kill -9}: it gets no chance to say good-bye. Waits until it is gone, whether interrupted or not. */
    void kill() {
        process.destroyForcibly();
        process.onExit().orTimeout(KILL_TIMEOUT_S, TimeUnit.SECONDS).join();
    }

    /** The same without waiting. */
    void killNow() {
        process.destroyForcibly();
    }

    /** The last lines of what it logged. */
    List<String> lastLog() {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size());
        } catch (IOException e) {
            return List.of("its log cannot be read: " + e);
        }
    }
}
