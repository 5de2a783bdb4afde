package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers that were started with different lists never form clusters side by side. */
@Tag("long")
class MismatchedMembersTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final Lockable THING = new Lockable("thing", "thing");

    @TempDir
    private Path folder;

    private final List<HoldfastNode> nodes = new ArrayList<>();

    @AfterEach
    void close_nodes() {
        LocalCluster.closeAll(nodes);
    }

    private HoldfastNode start(String id, List<Member> members) throws IOException {
        HoldfastNode node = HoldfastNode.builder()
                .id(id)
                .members(members)
                .dataFolder(folder.resolve(id + nodes.size()))
                .start();
        nodes.add(node);
        return node;
    }

    private static Throwable failure(HoldfastNode node) throws Exception {
        CompletableFuture<Throwable> failure = node.failure().toCompletableFuture();
        return failure.get(LocalCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void two_peers_with_different_lists_both_refuse() throws Exception {
        List<Member> all = LocalCluster.members(3);
        HoldfastNode a = start("a", all);
        HoldfastNode b = start("b", all.subList(0, 2));

        for (HoldfastNode node : List.of(a, b)) {
            assertThat(failure(node)).hasMessageContaining("different names, lists");
            assertThat(node.isLeader()).isFalse();
            ClientOptions hasty = ClientOptions.defaults().requestTimeout(Duration.ofMillis(200));
            try (HoldfastClient client = node.newClient(hasty)) {
                assertThatThrownBy(() -> client.createLock().acquire(ALICE, THING))
                        .isInstanceOf(RuntimeException.class);
            }
        }
    }

    @Test
    void peers_with_different_numbers_of_groups_refuse() throws Exception {
        List<Member> both = LocalCluster.members(2);
        for (Member member : both) {
            nodes.add(HoldfastNode.builder()
                    .id(member.id())
                    .members(both)
                    .groups(nodes.size() + 2)
                    .dataFolder(folder.resolve(member.id()))
                    .start());
        }

        for (HoldfastNode node : nodes) {
            assertThat(failure(node)).hasMessageContaining("numbers of groups");
        }
    }

    @Test
    void peers_of_different_names_refuse() throws Exception {
        List<Member> both = LocalCluster.members(2);
        HoldfastNode a = HoldfastNode.builder()
                .id("a")
                .members(both)
                .clusterName("one")
                .dataFolder(folder.resolve("a"))
                .start();
        nodes.add(a);
        HoldfastNode b = HoldfastNode.builder()
                .id("b")
                .members(both)
                .clusterName("two")
                .dataFolder(folder.resolve("b"))
                .start();
        nodes.add(b);

        assertThat(failure(a)).hasMessageContaining("different names, lists");
        assertThat(failure(b)).hasMessageContaining("different names, lists");
    }

    @Test
    void a_stranger_refuses_and_leaves_a_cluster_at_work_alone() throws Exception {
        List<Member> all = LocalCluster.members(4);
        HoldfastNode a = start("a", all.subList(0, 3));
        HoldfastNode b = start("b", all.subList(0, 3));
        HoldfastNode c = start("c", all.subList(0, 3));
        assertThat(a.awaitLeader(LocalCluster.PATIENCE)).isTrue();
        assertThat(a.client().createLock().acquire(ALICE, THING).acquired()).isTrue();

        HoldfastNode d = start("d", all);

        assertThat(failure(d)).hasMessageContaining("different names, lists");
        for (HoldfastNode node : List.of(a, b, c)) {
            await().atMost(LocalCluster.PATIENCE)
                    .until(() -> node.client().createLock().isLocked(THING));
            assertThat(node.failure().toCompletableFuture()).isNotDone();
        }
    }
}
