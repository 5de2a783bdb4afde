package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.access.AuditEntry;
import dev.holdfast.client.remote.RemoteOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup is taken of a running cluster, and another one begins with it. */
class RestoreTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    private static final Lockable KEPT = new Lockable("key", "kept");
    private static final Lockable OF_SESSION = new Lockable("key", "of-session");
    private static final long AHEAD = 1L << 40;

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("a.backup");
    }

    private Backup take(HoldfastNode node, boolean replace) throws Exception {
        return Backup.take(
                List.of(node.member().clientAddress()),
                RemoteOptions.named("test").withRequestTimeout(LocalCluster.PATIENCE),
                file(),
                replace,
                LocalCluster.PATIENCE);
    }

    private static Restore.Plan plan(Path backup, List<Member> members) {
        return new Restore.Plan(backup, members, "", KeptHolds.UNTIL_RELEASED, BegunGroup.TOKENS_AHEAD);
    }

    private HoldfastNode alone(String name) throws IOException {
        return HoldfastNode.builder().id("a").dataFolder(folder.resolve(name)).start();
    }

    private static List<Member> one() {
        return List.of(new Member("a", "127.0.0.1", 7101, 7201));
    }

    private static AcquireOptions untilReleased() {
        return AcquireOptions.defaults().untilReleased();
    }

    @Test
    void another_cluster_goes_on_with_what_is_held_until_it_is_released_and_with_tokens_far_above() throws Exception {
        String former;
        long kept;
        long lastBackedUp;
        long lastOfAll;
        try (HoldfastNode node = alone("before")) {
            HoldfastLock lock = node.client().createLock();
            kept = lock.acquire(ALICE, KEPT, untilReleased()).token();
            lastBackedUp = lock.acquire(ALICE, OF_SESSION).token();
            former = node.clusterId();
            Backup backup = take(node, false);
            assertThat(backup.clusterId()).isEqualTo(former);
            assertThat(backup.lastToken()).isEqualTo(lastBackedUp);
            assertThat(backup.groups().get(0).holds()).isEqualTo(2);
            // What is granted after the backup is lost, and its tokens are not given again.
            lastOfAll = lock.acquire(BOB, new Lockable("key", "later"), untilReleased())
                    .token();
        }

        Restore restored = Restore.run(plan(file(), one()), folder.resolve("after"));

        assertThat(restored.groups().get(0).holdsKept()).isEqualTo(1);
        assertThat(restored.groups().get(0).holdsDropped()).isEqualTo(1);
        try (HoldfastNode node = alone("after")) {
            assertThat(node.clusterId()).isEqualTo(restored.clusterId()).isNotEqualTo(former);
            HoldfastLock lock = node.client().createLock();
            assertThat(lock.get(KEPT).orElseThrow().token()).isEqualTo(kept);
            assertThat(lock.acquire(BOB, KEPT).holder()).contains(ALICE);
            assertThat(lock.acquire(BOB, OF_SESSION).orThrow().token())
                    .isGreaterThan(lastBackedUp + AHEAD)
                    .isGreaterThan(lastOfAll);
            assertThat(lastAudited(node).action()).isEqualTo("restore");
            assertThat(lastAudited(node).detail())
                    .contains("of cluster " + former, "from 'a'", "kept", "above " + (lastBackedUp + AHEAD));
            assertThat(lastAudited(node).at().orElseThrow()).isBeforeOrEqualTo(Instant.now());
        }
    }

    private static AuditEntry lastAudited(HoldfastNode node) {
        try (Stream<AuditEntry> audit = node.client().audit()) {
            return audit.reduce((one, next) -> next).orElseThrow();
        }
    }

    @Tag("long")
    @Test
    void a_client_of_the_cluster_before_does_not_take_the_new_one_for_its_own() throws Exception {
        List<Member> members = List.of(LocalCluster.members(1).get(0));
        HoldfastNode before = HoldfastNode.builder()
                .id("a")
                .members(members)
                .dataFolder(folder.resolve("before"))
                .start();
        try (HoldfastClient client = Holdfast.connect(
                members.get(0).clientAddress().toString(),
                ClientOptions.defaults().requestTimeout(Duration.ofSeconds(20)))) {
            client.createLock().acquire(ALICE, KEPT, untilReleased()).orThrow();
            take(before, false);
            before.close();
            Restore.run(plan(file(), members), folder.resolve("after"));
            try (HoldfastNode after = HoldfastNode.builder()
                    .id("a")
                    .members(members)
                    .dataFolder(folder.resolve("after"))
                    .start()) {
                assertThat(after.awaitReady(LocalCluster.PATIENCE)).isTrue();
                assertThatThrownBy(() -> client.createLock().acquire(BOB, OF_SESSION))
                        .hasMessageContaining(after.clusterId());
                assertThat(after.client().createLock().isLocked(OF_SESSION)).isFalse();
            }
        }
    }

    @Test
    void a_backup_replaces_no_file_unless_told_to_and_only_its_owner_reads_it() throws Exception {
        try (HoldfastNode node = alone("before")) {
            Files.writeString(file(), "mine");
            assertThatThrownBy(() -> take(node, false)).isInstanceOf(FileAlreadyExistsException.class);
            assertThat(file()).hasContent("mine");

            take(node, true);

            assertThat(Backup.read(file()).clusterId()).isEqualTo(node.clusterId());
            assertThat(Files.getPosixFilePermissions(file())).hasSize(2);
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(each -> each.getFileName().toString()))
                        .containsExactlyInAnyOrder("before", "a.backup");
            }
        }
    }

    @Test
    void nothing_is_made_of_a_backup_that_is_damaged() throws Exception {
        try (HoldfastNode node = alone("before")) {
            take(node, false);
        }
        byte[] bytes = Files.readAllBytes(file());
        bytes[bytes.length / 2] ^= 1;
        Files.write(file(), bytes);
        Path after = folder.resolve("after");

        assertThatThrownBy(() -> Restore.run(plan(file(), one()), after))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged at byte");

        assertThat(after).doesNotExist();
    }

    @Tag("long")
    @Test
    void three_members_with_three_groups_begin_together() throws Exception {
        List<Lockable> keys = Stream.of("a", "b", "c", "d", "e", "f", "g", "h")
                .map(key -> new Lockable("key", key))
                .toList();
        try (LocalCluster cluster = LocalCluster.start(folder.resolve("before"), 3, builder -> builder.groups(3))) {
            HoldfastLock lock = cluster.leader().client().createLock();
            for (Lockable key : keys) {
                lock.acquire(ALICE, key, untilReleased()).orThrow();
            }
            assertThat(take(cluster.follower(), false).groups()).hasSize(3);
        }
        List<Member> members = LocalCluster.members(3);
        Path after = folder.resolve("after");

        Restore restored = Restore.run(plan(file(), members), after);

        assertThat(restored.folders()).containsExactly(after.resolve("a"), after.resolve("b"), after.resolve("c"));
        List<HoldfastNode> nodes = new ArrayList<>();
        try {
            for (Member member : members) {
                nodes.add(HoldfastNode.builder()
                        .id(member.id())
                        .members(members)
                        .groups(3)
                        .dataFolder(after.resolve(member.id()))
                        .start());
            }
            for (HoldfastNode node : nodes) {
                assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
                assertThat(node.clusterId()).isEqualTo(restored.clusterId());
            }
            HoldfastLock lock = nodes.get(0).client().createLock();
            for (Lockable key : keys) {
                assertThat(lock.acquire(BOB, key).holder()).contains(ALICE);
                lock.release(ALICE, key);
                assertThat(lock.acquire(BOB, key).orThrow().token()).isGreaterThan(AHEAD);
            }
            await().atMost(LocalCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(nodes)
                            .allSatisfy(node -> assertThat(node.stateHash(1))
                                    .isEqualTo(nodes.get(0).stateHash(1))));
        } finally {
            LocalCluster.closeAll(nodes);
        }
    }
}
