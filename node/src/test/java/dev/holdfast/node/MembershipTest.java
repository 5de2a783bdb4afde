package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.MemberStatus.Role;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members come and go while locks are held and acquired. */
@Tag("long")
class MembershipTest extends GrowingCluster {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");

    private long lastToken;

    private void join(String id) throws IOException {
        start(HoldfastNode.builder().members(all).join(), id);
    }

    private void awaitNewcomer(String name) {
        String leader = leader().id();
        await().atMost(PATIENCE)
                .until(() -> nodes.get(leader).membership().list().stream()
                        .anyMatch(member -> member.name().equals(name) && member.role() == Role.NEWCOMER));
    }

    private static Map<String, Role> roles(HoldfastNode at) throws InterruptedException {
        return at.membership().list().stream()
                .collect(Collectors.toMap(MemberStatus::name, MemberStatus::role, (one, other) -> one, TreeMap::new));
    }

    private static List<String> voters(HoldfastNode at) throws InterruptedException {
        return at.membership().list().stream()
                .filter(member -> member.role() == Role.VOTER)
                .map(MemberStatus::name)
                .toList();
    }

    /** Acquires some locks, in all groups, at each node that is ready, with tokens that only rise within each group. */
    private void lockEverywhere() throws InterruptedException {
        for (HoldfastNode node : nodes.values()) {
            if (node.waitsFor().isEmpty()) {
                try (LockHandle handle = node.client()
                        .createLock()
                        .hold(
                                BOB,
                                new Lockable("busy", "one"),
                                AcquireOptions.defaults().wait(Duration.ofSeconds(60)))) {
                    assertThat(handle.token()).isGreaterThan(lastToken);
                    lastToken = handle.token();
                }
            }
        }
    }

    private void awaitEnd(String id) throws Exception {
        Throwable cause = nodes.get(id).failure().toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertThat(cause).isInstanceOf(MemberRemovedException.class);
        stop(id);
    }

    @Test
    void a_member_with_a_lost_folder_is_replaced_and_tokens_go_on() throws Exception {
        startCluster(3, 0);
        HoldfastClient alice = leader().client();
        LockHandle held = alice.createLock().hold(ALICE, new Lockable("thing", "held"), AcquireOptions.defaults());
        lockEverywhere();
        String lost = follower().id();
        stop(lost);
        loseFolder(lost);
        startInitial(lost, 3);
        awaitNewcomer(lost);

        assertThat(leader().membership().replace(lost).changed()).isTrue();

        awaitReady();
        assertThat(voters(nodes.get(lost))).containsExactly("a", "b", "c");
        assertThat(nodes.get(lost).membership().replace(lost).changed()).isFalse();
        lockEverywhere();
        assertThat(nodes.get(lost)
                        .client()
                        .createLock()
                        .acquire(BOB, new Lockable("thing", "held"))
                        .acquired())
                .isFalse();
        // The one that was replaced is needed now: without the other follower it makes the majority.
        String other = nodes.values().stream()
                .map(HoldfastNode::id)
                .filter(id -> !id.equals(lost) && !id.equals(leader().id()))
                .findFirst()
                .orElseThrow();
        stop(other);
        lockEverywhere();
        held.release();
    }

    /** Perhaps its disk was found again. */
    @Test
    void a_folder_that_was_replaced_is_of_no_use_when_it_turns_up() throws Exception {
        startCluster(3, 0);
        String lost = follower().id();
        stop(lost);
        Path old = Files.move(root.resolve(lost), root.resolve("old"));
        startInitial(lost, 3);
        awaitNewcomer(lost);
        leader().membership().replace(lost);
        awaitReady();
        stop(lost);
        Path now = Files.move(root.resolve(lost), root.resolve("now"));
        Files.move(old, root.resolve(lost));

        startInitial(lost, 3);
        awaitEnd(lost);
        assertThatThrownBy(() -> startInitial(lost, 3))
                .isInstanceOf(MemberRemovedException.class)
                .hasMessageContaining("removed");

        loseFolder(lost);
        Files.move(now, root.resolve(lost));
        startInitial(lost, 3);
        awaitReady();
        lockEverywhere();
    }

    @Test
    void a_newcomer_needs_to_know_of_one_member_only() throws Exception {
        startCluster(3, 1);
        Member follower = follower().member();
        start(HoldfastNode.builder().members(List.of(follower, all.get(3))).join(), "d");
        await().atMost(PATIENCE).until(() -> roles(nodes.get(follower.id())).get("d") == Role.NEWCOMER);

        assertThat(leader().membership().add("d").changed()).isTrue();

        awaitReady();
        lockEverywhere();
    }

    @Test
    void a_cluster_grows_to_five_and_shrinks_again() throws Exception {
        startCluster(3, 2);
        for (String id : List.of("d", "e")) {
            join(id);
            awaitNewcomer(id);
            assertThat(roles(leader())).containsEntry(id, Role.NEWCOMER);
            assertThat(nodes.get(id).isLeader()).isFalse();

            assertThat(follower().membership().add(id).changed()).isTrue();
            awaitReady();
            lockEverywhere();
        }
        assertThat(voters(nodes.get("e"))).containsExactly("a", "b", "c", "d", "e");

        assertThat(nodes.get("d").membership().demote("a", false).changed()).isTrue();
        assertThat(roles(leader())).containsEntry("a", Role.LISTENER);
        lockEverywhere();
        assertThat(nodes.get("a").membership().promote("a").changed()).isTrue();
        lockEverywhere();

        for (String id : List.of("a", "b")) {
            assertThat(nodes.get(id).membership().remove(id, false).changed()).isTrue();
            awaitEnd(id);
            lockEverywhere();
        }
        assertThat(voters(leader())).containsExactly("c", "d", "e");
    }

    /** It was brought up to date for a change that failed. Nothing is left that it could acknowledge, and nobody writes. */
    @Test
    void a_newcomer_that_has_everything_already_becomes_a_voter() throws Exception {
        startCluster(3, 1);
        join("d");
        awaitNewcomer("d");
        HoldfastNode leader = leader();
        long before = leader.group(0).appliedIndex();
        MemberSet members = leader.group(0).log().configuration();
        Peer newcomer = leader.membership().list().stream()
                .filter(member -> member.name().equals("d"))
                .map(member -> new Peer(new PeerId("d", member.incarnation()), member.raft(), member.clients()))
                .findFirst()
                .orElseThrow();
        List<Integer> ports = FreePorts.find(2);
        Peer nobody = Peer.of(PeerId.random("e"), new Member("e", "127.0.0.1", ports.get(0), ports.get(1)));
        List<Peer> voters = new ArrayList<>(members.voters());
        voters.addAll(List.of(newcomer, nobody));
        assertThatThrownBy(() -> leader.group(0)
                        .log()
                        .change(members, new MemberSet(voters, List.of(), false))
                        .get(2, TimeUnit.MINUTES))
                .hasRootCauseInstanceOf(ReconfigurationTimeoutException.class);
        await().atMost(PATIENCE).until(() -> nodes.get("d").group(0).appliedIndex() >= before);

        assertThat(leader.membership().add("d").changed()).isTrue();

        assertThat(voters(leader)).containsExactly("a", "b", "c", "d");
        lockEverywhere();
    }

    @Test
    void one_becomes_three_and_two_groups_follow() throws Exception {
        int groups = 2;
        settings = builder -> builder.groups(groups);
        startCluster(1, 2);
        for (String id : List.of("b", "c")) {
            join(id);
            awaitNewcomer(id);
            assertThat(nodes.get("a").membership().add(id).groupsBehind()).isEmpty();
            awaitReady();
            lockEverywhere();
        }
        nodes.get("b").membership().transferLeader("b");
        for (String id : List.of("a", "c")) {
            assertThat(nodes.get("b").membership().remove(id, true).groupsBehind())
                    .isEmpty();
            awaitEnd(id);
        }
        assertThat(voters(nodes.get("b"))).containsExactly("b");
        lockEverywhere();
        for (int group = 0; group < groups; group++) {
            assertThat(nodes.get("b").isLeader(group)).isTrue();
        }
    }

    /** By its list, it would be a cluster of its own, and grant what is held in the other. */
    @Test
    void the_founder_of_a_cluster_that_has_grown_founds_no_other_when_its_folder_is_lost() throws Exception {
        startCluster(1, 2);
        String cluster = nodes.get("a").clusterId();
        for (String id : List.of("b", "c")) {
            join(id);
            awaitNewcomer(id);
            assertThat(nodes.get("a").membership().add(id).changed()).isTrue();
            awaitReady();
        }
        stop("a");
        loseFolder("a");
        HoldfastNode a = startInitial("a", 1);

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(a.waitsFor()).contains("members replace a"));
        assertThat(a.clusterId()).isEqualTo(cluster);
        awaitNewcomer("a");
        assertThat(leader().membership().replace("a").changed()).isTrue();
        awaitReady();
        lockEverywhere();
    }

    @Test
    void leadership_is_handed_over_on_demand_and_before_a_leader_loses_its_vote() throws Exception {
        startCluster(3, 0);
        String old = leader().id();
        String next = follower().id();

        assertThat(nodes.get(old).membership().transferLeader(next).changed()).isTrue();
        assertThat(nodes.get(next).membership().transferLeader(next).changed()).isFalse();

        assertThat(nodes.get(next).membership().demote(next, true).changed()).isTrue();
        assertThat(leader().id()).isNotEqualTo(next);
        assertThat(roles(leader())).containsEntry(next, Role.LISTENER);
        lockEverywhere();
    }

    @Test
    void a_change_is_done_though_the_leader_stops_in_the_middle() throws Exception {
        startCluster(3, 1);
        join("d");
        awaitNewcomer("d");
        String leader = leader().id();
        HoldfastNode asked = follower();
        CompletableFuture<MemberChangeResult> adding = CompletableFuture.supplyAsync(() -> {
            try {
                return asked.membership().change(MemberChange.of(Action.ADD, "d"), PATIENCE);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        stop(leader);

        adding.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        startInitial(leader, 3);
        awaitReady();
        assertThat(voters(nodes.get(leader))).containsExactly("a", "b", "c", "d");
        lockEverywhere();
    }

    /** From one to three to five to three, and each of the three replaced, under load. */
    @Test
    void no_hold_is_lost_while_all_members_are_exchanged() throws Exception {
        startCluster(1, 4);
        String servers =
                all.stream().map(member -> member.clientAddress().toString()).collect(Collectors.joining(","));
        ClientOptions options =
                ClientOptions.defaults().sessionLease(Duration.ofSeconds(20)).requestTimeout(PATIENCE);
        try (HoldfastClient client = Holdfast.connect(servers, options);
                Load load = new Load(client)) {
            LockHandle held = client.createLock().hold(ALICE, new Lockable("thing", "held"), AcquireOptions.defaults());
            for (String id : List.of("b", "c", "d", "e")) {
                join(id);
                awaitNewcomer(id);
                nodes.get("a").membership().add(id);
                awaitReady();
            }
            for (String id : List.of("a", "b")) {
                nodes.get("e").membership().remove(id, false);
                awaitEnd(id);
            }
            for (String id : List.of("c", "d", "e")) {
                stop(id);
                loseFolder(id);
                join(id);
                awaitNewcomer(id);
                leader().membership().replace(id);
                awaitReady();
            }
            assertThat(voters(leader())).containsExactly("c", "d", "e");
            assertThat(held.state()).isEqualTo(HoldState.HELD);
            assertThat(client.createLock()
                            .acquire(BOB, new Lockable("thing", "held"))
                            .acquired())
                    .isFalse();
            held.release();
            load.check();
        }
    }

    /** The client was given the addresses of the first three, and none of them is left. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void a_client_goes_on_when_none_of_its_servers_is_left(int groupsOfLocks) throws Exception {
        settings = builder -> builder.groups(groupsOfLocks);
        startCluster(3, 3);
        String servers = all.subList(0, 3).stream()
                .map(member -> member.clientAddress().toString())
                .collect(Collectors.joining(","));
        ClientOptions options =
                ClientOptions.defaults().sessionLease(Duration.ofSeconds(20)).requestTimeout(PATIENCE);
        try (HoldfastClient client = Holdfast.connect(servers, options);
                Load load = new Load(client)) {
            LockHandle held = client.createLock().hold(ALICE, new Lockable("thing", "held"), AcquireOptions.defaults());
            for (int i = 0; i < 3; i++) {
                String joins = all.get(3 + i).id();
                join(joins);
                awaitNewcomer(joins);
                leader().membership().add(joins);
                awaitReady();
                String leaves = all.get(i).id();
                nodes.get(joins).membership().remove(leaves, false);
                awaitEnd(leaves);
            }
            // Whoever leads is left at once: the next one is known by what it said.
            String last = leader().id();
            stop(last);
            try (LockHandle after =
                    client.createLock().hold(BOB, new Lockable("thing", "other"), AcquireOptions.defaults())) {
                assertThat(after.token()).isPositive();
            }
            assertThat(held.state()).isEqualTo(HoldState.HELD);
            held.release();
            load.check();
        }
    }

    /** Acquires and releases all the time, with tokens that only rise. */
    private static final class Load implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final CompletableFuture<Long> longestNanos = new CompletableFuture<>();
        private final Thread thread;

        Load(HoldfastClient client) {
            this.thread = new Thread(() -> run(client), "load");
            thread.start();
        }

        private void run(HoldfastClient client) {
            long token = 0;
            long longest = 0;
            try {
                for (long last = System.nanoTime(); !over.get(); last = System.nanoTime()) {
                    try (LockHandle handle =
                            client.createLock().hold(BOB, new Lockable("busy", "two"), AcquireOptions.defaults())) {
                        assertThat(handle.token()).isGreaterThan(token);
                        token = handle.token();
                    }
                    longest = Math.max(longest, System.nanoTime() - last);
                }
                longestNanos.complete(longest);
            } catch (InterruptedException | RuntimeException | AssertionError e) {
                longestNanos.completeExceptionally(e);
            }
        }

        void check() throws Exception {
            over.set(true);
            long longest = longestNanos.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            System.out.println("longest gap: " + TimeUnit.NANOSECONDS.toMillis(longest) + " ms");
        }

        @Override
        public void close() {
            over.set(true);
            thread.interrupt();
        }
    }
}
