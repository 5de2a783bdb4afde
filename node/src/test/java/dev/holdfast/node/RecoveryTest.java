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
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.node.internal.membership.GroupIds;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.ratis.RatisGroup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A majority is lost for good, and a survivor's folder becomes a cluster of its own. */
class RecoveryTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    private static final Lockable KEPT = new Lockable("key", "kept");
    private static final Lockable OF_SESSION = new Lockable("key", "of-session");
    private static final long AHEAD = BegunGroup.TOKENS_AHEAD;

    @TempDir
    Path above;

    private Path folder() {
        return above.resolve("a");
    }

    private HoldfastNode alone() throws IOException {
        return HoldfastNode.builder().id("a").dataFolder(folder()).start();
    }

    private static AcquireOptions untilReleased() {
        return AcquireOptions.defaults().untilReleased();
    }

    /** A folder with a hold that is kept and one that is not; returns the highest token. */
    private long lived() throws Exception {
        try (HoldfastNode node = alone()) {
            HoldfastLock lock = node.client().createLock();
            lock.acquire(ALICE, KEPT, untilReleased()).orThrow();
            return lock.acquire(ALICE, OF_SESSION).orThrow().token();
        }
    }

    private Recovery recover() throws IOException {
        return Recovery.run(folder(), KeptHolds.UNTIL_RELEASED, AHEAD);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static Path group(Path folder, String cluster) {
        return folder.resolve("raft")
                .resolve(GroupIds.of(UUID.fromString(cluster), 0).toString());
    }

    private void assertWorks(Recovery recovery, long highest) throws Exception {
        try (HoldfastNode node = alone()) {
            assertThat(node.clusterId()).isEqualTo(recovery.clusterId()).isNotEqualTo(recovery.formerClusterId());
            HoldfastLock lock = node.client().createLock();
            assertThat(lock.acquire(BOB, KEPT).holder()).contains(ALICE);
            assertThat(lock.acquire(BOB, OF_SESSION).orThrow().token()).isGreaterThan(highest + AHEAD);
            try (Stream<AuditEntry> audit = node.client().audit()) {
                assertThat(audit.reduce((one, next) -> next)).hasValueSatisfying(last -> {
                    assertThat(last.action()).isEqualTo("recover");
                    assertThat(last.detail()).contains("in cluster " + recovery.formerClusterId());
                });
            }
        }
        assertThat(group(folder(), recovery.formerClusterId())).doesNotExist();
        assertThat(recovery.kept().resolve(recovery.formerClusterId()).resolve("current"))
                .isDirectory();
        assertThat(recovery.kept().resolve(ClusterFolder.FILE)).content().contains(recovery.formerClusterId());
        assertThat(folder().resolve("recover.unfinished")).doesNotExist();
    }

    @Test
    void all_that_the_log_has_goes_on_and_the_old_files_are_kept() throws Exception {
        long highest = lived();

        Recovery recovery = recover();

        Recovery.Group group = recovery.groups().get(0);
        assertThat(group.index()).isPositive();
        assertThat(group.term()).isPositive();
        assertThat(group.begun().tokenBefore()).isEqualTo(highest);
        assertThat(group.begun().holdsKept()).isEqualTo(1);
        assertWorks(recovery, highest);
    }

    @Tag("long")
    @Test
    void so_does_what_a_snapshot_has_and_the_log_behind_it() throws Exception {
        long highest;
        try (HoldfastNode node = HoldfastNode.builder()
                .id("a")
                .dataFolder(folder())
                .ratis(RaftSettings.DEFAULT.snapshots(20, 5).logSegments(1 << 10))
                .start()) {
            HoldfastLock lock = node.client().createLock();
            lock.acquire(ALICE, KEPT, untilReleased()).orThrow();
            await().atMost(LocalCluster.PATIENCE).until(() -> {
                for (int i = 0; i < 30; i++) {
                    lock.acquire(ALICE, OF_SESSION).orThrow().release();
                }
                try (Stream<Path> files = Files.walk(folder())) {
                    return files.anyMatch(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"));
                }
            });
            highest = lock.acquire(ALICE, OF_SESSION).orThrow().token();
        }

        Recovery recovery = recover();

        assertThat(recovery.groups().get(0).begun().tokenBefore()).isEqualTo(highest);
        assertWorks(recovery, highest);
    }

    @Test
    void a_folder_that_is_in_use_or_of_nobody_is_refused() throws Exception {
        assertThatThrownBy(this::recover).hasMessageContaining("is not the data folder of a peer");
        try (HoldfastNode node = alone()) {
            assertThat(node.id()).isNotNull();
            assertThatThrownBy(this::recover).hasMessageContaining("is in use by another peer");
        }
    }

    @Test
    void nothing_is_made_of_a_folder_that_is_damaged_or_has_lost_its_log() throws Exception {
        lived();
        String identity = Files.readString(folder().resolve(ClusterFolder.FILE));
        Path raft = folder().resolve("raft");
        Path log;
        try (Stream<Path> files = Files.walk(raft)) {
            log = files.filter(file -> file.getFileName().toString().startsWith("log_"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(log);
        bytes[20] ^= 1;
        Files.write(log, bytes);

        assertThatThrownBy(this::recover).hasMessageContaining("is damaged at byte");

        StagedFolder.delete(raft);
        assertThatThrownBy(this::recover).hasMessageContaining("there is nothing to recover from");
        assertThat(folder().resolve(ClusterFolder.FILE)).hasContent(identity);
    }

    @Test
    @Tag("long")
    void interrupted_before_the_point_the_folder_is_what_it_was_and_it_can_be_done_again() throws Exception {
        long highest = lived();
        Path before = above.resolve("before");
        copy(folder(), before);
        Recovery first = recover();
        String made = first.clusterId();
        copy(group(folder(), made), group(before, made));
        Files.writeString(before.resolve("recover.unfinished"), Recovery.Attempt.describe(first));
        Path kept = before.resolve(first.kept().getFileName());
        Files.createDirectories(kept);
        StagedFolder.delete(folder());
        copy(before, folder());
        try (HoldfastNode node = alone()) {
            assertThat(node.clusterId()).isEqualTo(first.formerClusterId());
            assertThat(node.client().createLock().isLocked(KEPT)).isTrue();
        }

        Recovery second = recover();

        assertThat(second.clusterId()).isNotEqualTo(made);
        assertThat(group(folder(), made)).doesNotExist();
        assertWorks(second, highest);
    }

    @Tag("long")
    @Test
    void interrupted_after_the_point_it_is_only_completed_whatever_happened_since() throws Exception {
        long highest = lived();
        Path before = above.resolve("before");
        copy(folder(), before);
        Recovery first = recover();
        // As if nothing had been put aside.
        copy(group(before, first.formerClusterId()), group(folder(), first.formerClusterId()));
        StagedFolder.delete(first.kept().resolve(first.formerClusterId()));
        Files.writeString(folder().resolve("recover.unfinished"), Recovery.Attempt.describe(first));
        long since;
        try (HoldfastNode node = alone()) {
            assertThat(node.clusterId()).isEqualTo(first.clusterId());
            since = node.client()
                    .createLock()
                    .acquire(BOB, new Lockable("key", "since"), untilReleased())
                    .token();
        }

        Recovery second = recover();

        assertThat(second).isEqualTo(first);
        assertWorks(second, highest);
        try (HoldfastNode node = alone()) {
            assertThat(node.client()
                            .createLock()
                            .get(new Lockable("key", "since"))
                            .orElseThrow()
                            .token())
                    .isEqualTo(since);
        }
    }

    @Tag("long")
    @Test
    void what_was_recovered_can_be_recovered_again() throws Exception {
        long highest = lived();
        Recovery first = recover();

        Recovery second = recover();

        assertThat(second.formerClusterId()).isEqualTo(first.clusterId());
        assertThat(second.kept()).isNotEqualTo(first.kept());
        assertThat(first.kept().resolve(first.formerClusterId())).isDirectory();
        assertWorks(second, highest + AHEAD);
    }

    /** The runbook in docs/operations.md, "When a majority is lost for good". */
    @Tag("long")
    @Test
    void two_of_three_members_are_lost_for_good_and_the_third_goes_on_and_is_joined_by_others() throws Exception {
        List<Member> members = LocalCluster.members(3);
        try (LocalCluster cluster = LocalCluster.start(above, members)) {
            String former = cluster.leader().clusterId();
            HoldfastLock lock = cluster.leader().client().createLock();
            long kept = lock.acquire(ALICE, KEPT, untilReleased()).token();
            long highest = lock.acquire(ALICE, OF_SESSION).orThrow().token();
            cluster.awaitEqualHashes();
            LocalCluster.closeAll(cluster.nodes());
            StagedFolder.delete(cluster.folder("c"));

            Recovery recovery = recover();

            assertThat(recovery.formerClusterId()).isEqualTo(former);
            HoldfastNode a = cluster.start("a");
            assertThat(a.awaitReady(LocalCluster.PATIENCE)).isTrue();
            assertThat(a.clusterId()).isEqualTo(recovery.clusterId());
            HoldfastLock after = a.client().createLock();
            assertThat(after.get(KEPT).orElseThrow().token()).isEqualTo(kept);
            assertThat(after.acquire(BOB, KEPT).holder()).contains(ALICE);
            assertThat(after.acquire(BOB, OF_SESSION).orThrow().token()).isGreaterThan(highest + AHEAD);
            assertStranger(cluster, a, former);
            assertClientOfTheClusterBeforeIsRefused(members.get(0), former, recovery);

            StagedFolder.delete(cluster.folder("b"));
            for (String id : List.of("b", "c")) {
                letIn(a, members, cluster.start(id));
            }

            cluster.awaitEqualHashes();
            cluster.stop("a");
            HoldfastLock without = cluster.leader().client().createLock();
            without.release(ALICE, KEPT);
            assertThat(without.acquire(BOB, KEPT).orThrow().token()).isGreaterThan(highest + AHEAD + 1);
        }
    }

    /** A member that was thought to be lost comes back: it gets no vote and no entry, and gives none. */
    private static void assertStranger(LocalCluster cluster, HoldfastNode recovered, String former) throws Exception {
        HoldfastNode b = cluster.start("b");
        assertThat(b.clusterId()).isEqualTo(former);
        assertThat(b.awaitLeader(Duration.ofSeconds(3))).isFalse();
        assertThat(recovered.isLeader()).isTrue();
        assertThat(recovered.failure().toCompletableFuture()).isNotDone();
        cluster.stop("b");
    }

    private static void assertClientOfTheClusterBeforeIsRefused(Member recovered, String former, Recovery recovery) {
        try (HoldfastClient old = Holdfast.connect(
                recovered.clientAddress().toString(), ClientOptions.defaults().clusterId(former))) {
            assertThatThrownBy(() -> old.createLock().acquire(ALICE, KEPT))
                    .isInstanceOf(LockRequestRejectedException.class)
                    .hasMessageContaining(recovery.clusterId());
        }
    }

    /** What 'holdfast members add' does. */
    private void letIn(HoldfastNode leader, List<Member> members, HoldfastNode newcomer) throws Exception {
        Properties identity = new Properties();
        try (InputStream in = Files.newInputStream(above.resolve(newcomer.id()).resolve(ClusterFolder.FILE))) {
            identity.load(in);
        }
        Member member = members.stream()
                .filter(each -> each.id().equals(newcomer.id()))
                .findFirst()
                .orElseThrow();
        Peer peer = Peer.of(new PeerId(newcomer.id(), identity.getProperty("incarnation")), member);
        await().atMost(LocalCluster.PATIENCE).until(() -> newcomer.clusterId().equals(leader.clusterId()));
        RatisGroup group = leader.group(0).log();
        await().atMost(LocalCluster.PATIENCE).until(() -> group.configuration().settled());
        MemberSet now = group.configuration();
        List<Peer> voters = new ArrayList<>(now.voters());
        voters.add(peer);
        group.change(now, new MemberSet(voters, now.listeners(), true)).get();
        assertThat(newcomer.awaitReady(LocalCluster.PATIENCE)).isTrue();
    }
}
