package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.ratis.util.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of a cluster whose members are not always the same. */
abstract class GrowingCluster {
    static final Duration PATIENCE = LocalCluster.PATIENCE;

    @TempDir
    Path root;

    final Map<String, HoldfastNode> nodes = new TreeMap<>();

    /** Those that are members at first, and those that may become members later. */
    List<Member> all = List.of();

    /** What all nodes are given that start from now on. */
    UnaryOperator<HoldfastNodeBuilder> settings = UnaryOperator.identity();

    @AfterEach
    void close_nodes() {
        LocalCluster.closeAll(List.copyOf(nodes.values()));
    }

    HoldfastNode start(HoldfastNodeBuilder builder, String id) throws IOException {
        HoldfastNode node = settings.apply(builder)
                .id(id)
                .secret(new byte[32])
                .dataFolder(root.resolve(id))
                .clientOptions(
                        options -> options.sessionLease(Duration.ofMinutes(1)).requestTimeout(PATIENCE))
                .start();
        nodes.put(id, node);
        return node;
    }

    /** The first few of all are the initial members. */
    void startCluster(int initial, int later) throws Exception {
        all = LocalCluster.members(initial + later);
        for (Member member : all.subList(0, initial)) {
            startInitial(member.id(), initial);
        }
        awaitReady();
    }

    HoldfastNode startInitial(String id, int initial) throws IOException {
        return start(HoldfastNode.builder().members(all.subList(0, initial)), id);
    }

    void awaitReady() throws Exception {
        for (HoldfastNode node : nodes.values()) {
            assertThat(node.awaitReady(PATIENCE)).isTrue();
        }
    }

    void stop(String id) {
        nodes.remove(id).close();
    }

    void loseFolder(String id) throws IOException {
        FileUtils.deleteFully(root.resolve(id).toFile());
    }

    HoldfastNode leader() {
        return await().atMost(PATIENCE)
                .until(
                        () -> nodes.values().stream()
                                .filter(HoldfastNode::isLeader)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** A member that does not lead. */
    HoldfastNode follower() {
        String leader = leader().id();
        return nodes.values().stream()
                .filter(node -> !node.id().equals(leader) && node.waitsFor().isEmpty())
                .findFirst()
                .orElseThrow();
    }
}
