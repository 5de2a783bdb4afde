package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.ratis.util.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster is born once, of all of its initial members; and a member whose disk was lost is nobody. */
class BirthTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    private static final Lockable THING = new Lockable("thing", "thing");
    private static final Duration A_WHILE = Duration.ofSeconds(2);

    @TempDir
    private Path root;

    private final Map<String, HoldfastNode> nodes = new HashMap<>();
    private List<Member> members = List.of();

    @BeforeEach
    void choose_ports() throws IOException {
        members = LocalCluster.members(3);
    }

    @AfterEach
    void close() {
        LocalCluster.closeAll(List.copyOf(nodes.values()));
    }

    private HoldfastNode start(String id) throws IOException {
        HoldfastNode node = HoldfastNode.builder()
                .id(id)
                .members(members)
                .dataFolder(root.resolve(id))
                .clientOptions(options -> options.requestTimeout(LocalCluster.PATIENCE))
                .start();
        nodes.put(id, node);
        return node;
    }

    private void stop(String id) {
        nodes.remove(id).close();
    }

    private void startAll() throws Exception {
        for (Member member : members) {
            start(member.id());
        }
        for (HoldfastNode node : nodes.values()) {
            assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
        }
    }

    @Test
    void a_majority_is_not_enough_for_a_birth_and_those_who_wait_say_for_whom() throws Exception {
        HoldfastNode a = start("a");
        HoldfastNode b = start("b");
        await().atMost(LocalCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.waitsFor()).contains("and c is missing"));
        assertThat(a.awaitLeader(A_WHILE)).isFalse();
        assertThat(b.clusterId()).isEmpty();

        HoldfastNode c = start("c");

        for (HoldfastNode node : List.of(a, b, c)) {
            assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
            assertThat(node.clusterId()).isNotEmpty().isEqualTo(a.clusterId());
            assertThat(node.waitsFor()).isEmpty();
        }
    }

    @Test
    @Tag("long")
    void once_born_a_majority_is_enough() throws Exception {
        startAll();
        String cluster = nodes.get("a").clusterId();
        List.of("a", "b", "c").forEach(this::stop);

        HoldfastNode a = start("a");
        start("c");

        assertThat(a.awaitReady(LocalCluster.PATIENCE)).isTrue();
        assertThat(a.clusterId()).isEqualTo(cluster);
    }

    /** By the name alone, b and c would be a majority, know of nothing, and grant token 1 again. */
    @Test
    void a_member_whose_disk_was_lost_counts_for_nothing() throws Exception {
        startAll();
        stop("c");
        long first = nodes.get("a")
                .client()
                .createLock()
                .acquire(ALICE, THING, AcquireOptions.defaults().untilReleased())
                .orThrow()
                .token();
        stop("a");
        stop("b");
        FileUtils.deleteFully(root.resolve("b").toFile());

        HoldfastNode b = start("b");
        HoldfastNode c = start("c");

        await().atMost(LocalCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.waitsFor()).contains("its data folder is new"));
        assertThat(b.clusterId()).isEqualTo(c.clusterId());
        assertThat(c.awaitLeader(A_WHILE)).isFalse();

        HoldfastNode a = start("a");
        assertThat(a.awaitReady(LocalCluster.PATIENCE)).isTrue();
        assertThat(c.awaitReady(LocalCluster.PATIENCE)).isTrue();
        assertThat(b.isLeader()).isFalse();
        assertThat(b.appliedIndex()).isLessThan(1);
        HoldfastLock lock = c.client().createLock();
        assertThat(lock.acquire(BOB, THING).acquired()).isFalse();
        lock.forceRelease(THING);
        assertThat(lock.acquire(BOB, THING).orThrow().token()).isGreaterThan(first);
    }

    /** Two of three were lost: nobody can say what they had acknowledged. */
    @Test
    @Tag("long")
    void those_who_lost_their_disks_found_no_cluster_beside_the_one_that_is_there() throws Exception {
        startAll();
        List.of("a", "b", "c").forEach(this::stop);
        FileUtils.deleteFully(root.resolve("a").toFile());
        FileUtils.deleteFully(root.resolve("b").toFile());

        HoldfastNode a = start("a");
        HoldfastNode b = start("b");
        HoldfastNode c = start("c");

        await().atMost(LocalCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.waitsFor() + b.waitsFor()).contains("replace a", "replace b"));
        assertThat(c.awaitLeader(A_WHILE)).isFalse();
        assertThat(a.clusterId()).isEqualTo(c.clusterId());
    }

    @Test
    void a_folder_without_its_logs_is_refused() throws Exception {
        startAll();
        stop("b");
        FileUtils.deleteFully(root.resolve("b/raft").toFile());

        assertThatThrownBy(() -> start("b"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Empty the folder, all of it");
    }
}
