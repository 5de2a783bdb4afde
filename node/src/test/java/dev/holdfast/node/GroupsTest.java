package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.info.LockableInfo;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.protocol.Answer;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.KeyGroups;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.Query;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Locks that are spread over several Raft groups. */
@TestInstance(Lifecycle.PER_CLASS)
class GroupsTest {
    private static final int GROUPS = 3;
    private static final int THINGS = 60;
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");

    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    private LocalCluster cluster;

    /** Each test has things of its own, and stops no peer of it. */
    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        cluster = startIn(folder);
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
        timers.shutdownNow();
    }

    private static LocalCluster startIn(Path folder) throws Exception {
        return LocalCluster.start(folder, 3, builder -> builder.groups(GROUPS));
    }

    private HoldfastClient thinClient(String name) {
        return Holdfast.connect(
                cluster.nodes().stream()
                        .map(node -> GroupsTest.address(node).toString())
                        .collect(Collectors.joining(",")),
                ClientOptions.defaults()
                        .name(name)
                        .sessionLease(Duration.ofMinutes(1))
                        .requestTimeout(LocalCluster.PATIENCE));
    }

    private static HostPort address(HoldfastNode node) {
        return new HostPort(node.member().host(), node.member().clientPort());
    }

    private static List<Lockable> things(String type) {
        LockableDefinition thing = Holdfast.createLockable(type, LockableOptions.plural());
        return IntStream.range(0, THINGS)
                .mapToObj(i -> thing.of(String.valueOf(i)))
                .toList();
    }

    private void awaitSpread() {
        await().atMost(LocalCluster.PATIENCE.multipliedBy(2)).until(() -> {
            List<String> inTurn =
                    cluster.nodes().stream().map(HoldfastNode::id).sorted().toList();
            return IntStream.range(0, GROUPS)
                    .allMatch(group -> cluster.nodes().stream()
                            .allMatch(node -> inTurn.get(group % inTurn.size()).equals(node.leader(group))));
        });
    }

    @Test
    void leaders_are_spread_over_the_peers_and_callers_do_not_notice() throws Exception {
        List<Lockable> things = things("spread");
        try (HoldfastClient thin = thinClient("spread")) {
            HoldfastLock lock = thin.createLock();
            List<LockHandle> handles = new ArrayList<>();
            // While leaders still move.
            for (Lockable thing : things) {
                handles.add(lock.hold(ALICE, thing, AcquireOptions.defaults()));
            }
            awaitSpread();

            for (HoldfastNode node : cluster.nodes()) {
                HoldfastLock same = node.client().createLock();
                assertThat(things).noneMatch(thing -> same.acquire(BOB, thing).acquired());
            }
            for (LockHandle handle : handles) {
                long token = handle.token();
                handle.release();
                LockHandle next =
                        cluster.node("b").client().createLock().hold(BOB, handle.lockable(), AcquireOptions.defaults());
                assertThat(next.token()).isGreaterThan(token);
            }
        }
    }

    @Test
    void listings_show_all_groups_in_order() throws Exception {
        List<Lockable> things = things("listed");
        try (HoldfastClient thin = thinClient("lister")) {
            for (Lockable thing : things) {
                var unused = thin.createLock().hold(ALICE, thing, AcquireOptions.defaults());
            }
            List<String> keys = things.stream().map(Lockable::key).sorted().toList();

            assertThat(cluster.node("a").client().list("listed:").map(LockableInfo::key))
                    .containsExactlyElementsOf(keys);
            // Of the thin client, one in each group.
            assertThat(thin.sessions().filter(session -> session.name().equals("lister")))
                    .hasSize(GROUPS);
            assertThat(thin.createLock().forceRelease(things.get(7))).isTrue();
            assertThat(thin.list("listed:")).hasSize(THINGS - 1);
        }
    }

    @Test
    @Tag("long")
    void all_peers_may_stop_and_start(@TempDir Path folder) throws Exception {
        AcquireOptions kept = AcquireOptions.defaults().untilReleased();
        List<Lockable> things = things("kept");
        try (LocalCluster restarted = startIn(folder)) {
            List<Long> tokens = new ArrayList<>();
            for (Lockable thing : things) {
                tokens.add(restarted
                        .node("a")
                        .client()
                        .createLock()
                        .hold(ALICE, thing, kept)
                        .token());
            }
            List<String> ids = restarted.nodes().stream().map(HoldfastNode::id).toList();
            ids.forEach(restarted::stop);
            for (String id : ids) {
                restarted.start(id);
            }

            HoldfastLock lock = restarted.node("c").client().createLock();
            for (int i = 0; i < THINGS; i++) {
                Lockable thing = things.get(i);
                assertThat(lock.acquire(BOB, thing).acquired()).isFalse();
                lock.release(ALICE, thing);
                assertThat(lock.hold(BOB, thing, kept).token()).isGreaterThan(tokens.get(i));
            }
            for (int group = 0; group < GROUPS; group++) {
                int number = group;
                await().atMost(LocalCluster.PATIENCE)
                        .until(() -> restarted.nodes().stream()
                                        .map(node -> node.appliedIndex(number) + " " + node.stateHash(number))
                                        .distinct()
                                        .count()
                                == 1);
            }
        }
    }

    /** It would be granted beside a hold in the group where everybody else looks for it. */
    @Test
    void a_key_of_another_group_is_refused() throws Exception {
        String key = "thing:1";
        int elsewhere = (KeyGroups.of(key, GROUPS) + 1) % GROUPS;
        await().atMost(LocalCluster.PATIENCE)
                .until(() -> cluster.nodes().stream().anyMatch(node -> node.isLeader(elsewhere)));
        Owner eve = Owner.of("user", "eve");
        LockableKey stranger = LockableKey.mutex(key);
        LockableKey itsOwn = IntStream.range(0, 100)
                .mapToObj(i -> LockableKey.mutex("other:" + i))
                .filter(other -> KeyGroups.of(other.key(), GROUPS) == elsewhere)
                .findFirst()
                .orElseThrow();
        assertRefused(elsewhere, new Command.Acquire(stranger, eve, 1, 1, false, Lease.UNTIL_RELEASED, 0));
        assertRefused(
                elsewhere, new Command.AcquireAll(List.of(itsOwn, stranger), eve, false, Lease.UNTIL_RELEASED, 0));
    }

    private void assertRefused(int elsewhere, Command.ClientCommand command) throws Exception {
        SessionBatch batch = new SessionBatch(new SessionId(1, 2), 0, 0, List.of(new SequencedCommand(1, command)));
        for (HoldfastNode node : cluster.nodes()) {
            try (Transport peer = peer(node, elsewhere)) {
                assertThatThrownBy(() -> peer.submit(batch).get())
                        .cause()
                        .isInstanceOf(TransportException.class)
                        .hasMessageContaining("'thing:1' belongs to group");
            }
        }
    }

    @Test
    void a_group_that_there_is_not_is_refused() throws Exception {
        try (Transport peer = peer(cluster.leader(), GROUPS)) {
            assertThatThrownBy(() -> peer.query(new Query.Summary()).get())
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("spread over 3 groups, numbered from 0; the client asks for group 3");
        }
    }

    @Test
    void each_group_answers_for_itself() throws Exception {
        long before = holds();
        try (HoldfastClient client = cluster.node("a").newClient(ClientOptions.defaults())) {
            for (Lockable thing : things("counted")) {
                var unused = client.createLock()
                        .hold(ALICE, thing, AcquireOptions.defaults().untilReleased());
            }
        }
        assertThat(holds() - before).isEqualTo(THINGS);
    }

    private long holds() throws Exception {
        long holds = 0;
        for (int group = 0; group < GROUPS; group++) {
            int number = group;
            HoldfastNode leader = await().atMost(LocalCluster.PATIENCE)
                    .until(
                            () -> cluster.nodes().stream()
                                    .filter(node -> node.isLeader(number))
                                    .findFirst()
                                    .orElse(null),
                            node -> node != null);
            try (Transport peer = peer(leader, group)) {
                Answer.StateSummary summary =
                        (Answer.StateSummary) peer.query(new Query.Summary()).get();
                holds += summary.holds();
            }
        }
        return holds;
    }

    private Transport peer(HoldfastNode node, int group) {
        return RemotePeers.peer(
                address(node),
                RemoteOptions.named("test")
                        .withRequestTimeout(LocalCluster.PATIENCE)
                        .withConnectTimeout(LocalCluster.PATIENCE)
                        .withGroup(group),
                timers);
    }
}
