package dev.holdfast.server.demo;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.Member;
import dev.holdfast.server.Main;
import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.PeerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** A {@link dev.holdfast.server.serve.PeerCommand} as a child. It logs beside its data. */
final class DemoPeer {
    private static final int LOG_LINES_SHOWN = 15;

    private final PeerProcess peer;
    private final Path log;
    private volatile boolean leader;

    private DemoPeer(Member member, List<Member> members, Path folder) {
        log = folder.resolve(member.id() + ".log");
        peer = new PeerProcess(
                member,
                ChildJvm.plan("peer " + member.id(), Main.class)
                        .jvmOptions("-Xmx256m")
                        .jvmOptions(ChildJvm.SHORT_LIVED)
                        .arguments(
                                "peer",
                                "--id",
                                member.id(),
                                "--members",
                                members.stream().map(Member::toString).collect(Collectors.joining(",")),
                                "--data",
                                folder.resolve(member.id()).toString())
                        .readyWhen("ready"::equals)
                        .output(this::heard)
                        .log(log));
    }

    static DemoPeer start(Member member, List<Member> members, Path folder) throws IOException {
        DemoPeer started = new DemoPeer(member, members, folder);
        started.peer.start();
        return started;
    }

    private void heard(String line) {
        if (line.equals("leader") || line.equals("follower")) {
            leader = line.equals("leader");
        }
    }

    String id() {
        return peer.id();
    }

    long pid() {
        return peer.jvm().pid();
    }

    HostPort clientAddress() {
        return peer.clientAddress();
    }

    boolean isAlive() {
        return peer.isUp();
    }

    boolean isReady() {
        return peer.jvm().isReady();
    }

    boolean isLeader() {
        return leader && peer.isUp();
    }

    /** {@code kill -9}: it gets no chance to clean up. */
    void kill() {
        peer.kill();
    }

    ChildJvm jvm() {
        return peer.jvm();
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
