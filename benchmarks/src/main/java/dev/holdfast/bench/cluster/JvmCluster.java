package dev.holdfast.bench.cluster;

import dev.holdfast.bench.load.LoadPlan;
import dev.holdfast.bench.load.LoadResult;
import dev.holdfast.bench.load.LoadRun;
import dev.holdfast.bench.load.Patience;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.Member;
import dev.holdfast.server.process.Folders;
import dev.holdfast.server.process.LoopbackMembers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Three peers in this JVM; the callers use the leader's client. */
public final class JvmCluster implements BenchCluster {
    private static final Duration READY_TIMEOUT = Duration.ofMinutes(1);

    private final Path folder;
    private final List<HoldfastNode> nodes = new ArrayList<>();

    private JvmCluster(Path folder) {
        this.folder = folder;
    }

    /**
     * Blocks until all peers are ready.
     *
     * @param folder for the peers' data, existing and empty; deleted by {@link #close}
     */
    public static JvmCluster start(Path folder, PeerSettings settings) throws IOException, InterruptedException {
        JvmCluster cluster = new JvmCluster(folder);
        try {
            List<Member> members = LoopbackMembers.find(ProcessCluster.IDS);
            if (settings.tls()) {
                BenchCertificates.create(folder, members);
            }
            for (Member member : members) {
                cluster.nodes.add(BenchCertificates.in(folder)
                        .secure(HoldfastNode.builder(), member.id())
                        .id(member.id())
                        .dataFolder(folder.resolve(member.id()))
                        .groups(settings.groups())
                        .members(members.stream().map(Member::toString).toArray(String[]::new))
                        .start());
            }
            for (HoldfastNode node : cluster.nodes) {
                if (!node.awaitReady(READY_TIMEOUT)) {
                    throw new IOException(node.id() + " is not ready after " + READY_TIMEOUT);
                }
            }
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    @Override
    public LoadResult run(LoadPlan plan) throws IOException, InterruptedException {
        return LoadRun.run(leader().client(), plan);
    }

    private HoldfastNode leader() throws IOException, InterruptedException {
        AtomicReference<@Nullable HoldfastNode> leader = new AtomicReference<>();
        Patience.await("a leader", () -> {
            leader.set(nodes.stream().filter(HoldfastNode::isLeader).findFirst().orElse(null));
            return leader.get() != null;
        });
        return Objects.requireNonNull(leader.get());
    }

    @Override
    public void close() throws IOException {
        nodes.forEach(HoldfastNode::close);
        Folders.delete(folder);
    }
}
