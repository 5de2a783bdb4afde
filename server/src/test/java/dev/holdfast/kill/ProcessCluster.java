package dev.holdfast.kill;

import static org.awaitility.Awaitility.await;

import dev.holdfast.node.Member;
import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A cluster of {@link ProcessPeerMain}s. */
public final class ProcessCluster implements AutoCloseable {
    /** Longer than anything takes that works at all, on a machine that is busy with other things. */
    public static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Long enough for a leader to stay one on a machine that is busy with other things. */
    static final int ELECTION_TIMEOUT_MS = 1500;

    private final Path folder;
    private final int callers;
    private final List<String> jvmOptions;
    private final List<Member> members;
    private final Map<String, ProcessPeer> running = new LinkedHashMap<>();
    private final List<ProcessPeer> all = new ArrayList<>();

    private ProcessCluster(Path folder, List<String> ids, int callers, List<String> jvmOptions) throws IOException {
        this.folder = folder;
        this.callers = callers;
        this.jvmOptions = jvmOptions;
        members = LoopbackMembers.find(ids);
    }

    /** Three peers, at work, with so many callers in each. */
    public static ProcessCluster startThree(Path folder, int callers) throws IOException, InterruptedException {
        ProcessCluster cluster = new ProcessCluster(folder, List.of("p0", "p1", "p2"), callers, List.of("-Xmx256m"));
        for (Member member : cluster.members) {
            cluster.start(member.id());
        }
        // Before, the loss of one may leave another that has nothing yet.
        for (ProcessPeer peer : cluster.running()) {
            peer.awaitReady();
        }
        return cluster;
    }

    /** One peer, p0, without callers, and not started yet; its log is one file, however long it gets. */
    public static ProcessCluster ofOne(Path folder) throws IOException {
        return new ProcessCluster(
                folder,
                List.of("p0"),
                0,
                List.of("-Xmx256m", "-D" + ProcessPeerMain.LOG_SEGMENT_BYTES + "=" + (1 << 30)));
    }

    /** One peer, p0, at work, that ends as soon as it needs more memory than that. */
    public static ProcessCluster startOne(Path folder, int heapMib) throws IOException, InterruptedException {
        List<String> options = List.of("-Xmx" + heapMib + "m", "-XX:+ExitOnOutOfMemoryError");
        ProcessCluster cluster = new ProcessCluster(folder, List.of("p0"), 0, options);
        cluster.start("p0").awaitReady();
        return cluster;
    }

    /** Starts a peer, without waiting for it. */
    public ProcessPeer start(String id) throws IOException {
        return start(id, List.of());
    }

    /** @param before what the command line begins with, such as a shell that sets limits */
    public ProcessPeer start(String id, List<String> before) throws IOException {
        ChildJvm.Plan plan = ChildJvm.plan(id, ProcessPeerMain.class)
                .prefix(before)
                .jvmOptions(jvmOptions)
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .arguments(id, folder.resolve(id).toString(), String.valueOf(callers))
                .arguments(members.stream().map(Member::toString).toList())
                .readyWhen("READY"::equals);
        Member member = members.stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
        ProcessPeer peer = ProcessPeer.start(member, plan);
        running.put(id, peer);
        all.add(peer);
        return peer;
    }

    /** Where a client reaches the peers, as {@code Holdfast.connect} takes it. */
    public String servers() {
        return members.stream()
                .map(member -> member.host() + ":" + member.clientPort())
                .collect(Collectors.joining(","));
    }

    public List<ProcessPeer> running() {
        return List.copyOf(running.values());
    }

    /** Every run of every peer. */
    public List<ProcessPeer> all() {
        return List.copyOf(all);
    }

    public ProcessPeer leader() {
        return await("a leader").atMost(PATIENCE).until(this::leaderNow, peer -> peer != null);
    }

    /** One that does not lead, while there is a leader. */
    public ProcessPeer follower() {
        ProcessPeer leader = leader();
        return running().stream().filter(peer -> peer != leader).findFirst().orElseThrow();
    }

    private ProcessPeer leaderNow() throws IOException, InterruptedException {
        for (ProcessPeer peer : running()) {
            if (peer.leads()) {
                return peer;
            }
        }
        return null;
    }

    public void kill(ProcessPeer peer) {
        peer.process().kill();
        running.remove(peer.id());
    }

    @Override
    public void close() {
        ChildJvm.killAll(running().stream().map(ProcessPeer::jvm).toList());
    }
}
