package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.remote.RemotePeers;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Lists of servers that are partly or altogether wrong, as the user of a client meets them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectTest {
    private static final Lockable JOB = Holdfast.createLockable("job").of();
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    private static final ClientOptions OPTIONS = ClientOptions.defaults().requestTimeout(LocalCluster.PATIENCE);

    private HoldfastNode prod;
    private HoldfastNode test;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        prod = node("prod", folder.resolve("one"));
        test = node("test", folder.resolve("two"));
    }

    private static HoldfastNode node(String cluster, Path folder) throws IOException, InterruptedException {
        HoldfastNode node =
                HoldfastNode.builder().clusterName(cluster).dataFolder(folder).start();
        assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
        return node;
    }

    @AfterAll
    void stop() {
        prod.close();
        test.close();
    }

    /** As {@link Holdfast#connect}, but with all the time that peers may need to answer on a busy machine. */
    private static HoldfastClient connectPatiently(String list) {
        RemoteOptions patient = RemoteOptions.named("test")
                .withConnectTimeout(LocalCluster.PATIENCE)
                .withRequestTimeout(LocalCluster.PATIENCE);
        return Holdfast.client(RemotePeers.cluster(HostPort.parseList(list), patient), OPTIONS);
    }

    private static String at(HoldfastNode node) {
        return node.member().host() + ":" + node.member().clientPort();
    }

    private static String raftOf(HoldfastNode node) {
        return node.member().host() + ":" + node.member().raftPort();
    }

    private static LockHandle hold(HoldfastClient client, LockOwner owner) throws InterruptedException {
        return client.createLock().hold(owner, JOB, AcquireOptions.defaults());
    }

    @Test
    void a_raft_port_in_the_list_is_passed_over() throws Exception {
        for (String list : List.of(raftOf(prod) + "," + at(prod), at(prod) + "," + raftOf(prod))) {
            try (HoldfastClient client = Holdfast.connect(list, OPTIONS)) {
                hold(client, ALICE).release();
            }
        }
    }

    @Test
    void nothing_of_a_closed_client_stays_in_memory() {
        List<WeakReference<HoldfastClient>> closed =
                List.of(closedAfterUse(Holdfast.connect(at(prod), OPTIONS)), closedAfterUse(prod.newClient(OPTIONS)));
        await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
            System.gc();
            assertThat(closed).allMatch(reference -> reference.get() == null);
        });
    }

    private static WeakReference<HoldfastClient> closedAfterUse(HoldfastClient client) {
        try (client) {
            var held = hold(client, ALICE);
            assertThat(held.isHeld()).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return new WeakReference<>(client);
    }

    @Test
    void a_list_of_nothing_but_raft_ports_is_refused_with_the_reason() {
        try (HoldfastClient client = Holdfast.connect(raftOf(prod) + "," + raftOf(test), OPTIONS)) {
            assertThatThrownBy(() -> hold(client, ALICE))
                    .isInstanceOf(LockRequestRejectedException.class)
                    .hasMessageContaining(raftOf(prod) + " is not a port for Holdfast clients")
                    .hasMessageContaining(raftOf(test) + " is not a port for Holdfast clients")
                    .hasMessageContaining("this is a Raft port, for members only; clients connect to the client port");
        }
    }

    @Test
    void with_two_clusters_in_the_list_nobody_gets_a_lock_in_either_order() {
        for (String list : List.of(at(prod) + "," + at(test), at(test) + "," + at(prod))) {
            try (HoldfastClient client = connectPatiently(list)) {
                assertThatThrownBy(() -> hold(client, ALICE))
                        .isInstanceOf(LockRequestRejectedException.class)
                        .hasMessageContaining("two clusters")
                        .hasMessageContaining("'prod' (" + prod.clusterId() + ") at " + at(prod))
                        .hasMessageContaining("'test' (" + test.clusterId() + ") at " + at(test));
                assertThatThrownBy(() -> client.createLock().isLocked(JOB))
                        .isInstanceOf(LockRequestRejectedException.class);
            }
        }
        assertThat(prod.client().createLock().isLocked(JOB)).isFalse();
        assertThat(test.client().createLock().isLocked(JOB)).isFalse();
    }

    /** The list that every member of staff has copied from somebody else's. */
    @Test
    void two_peers_with_all_defaults_are_two_clusters(@TempDir Path folder) throws Exception {
        try (HoldfastNode one = node("holdfast", folder.resolve("one"));
                HoldfastNode two = node("holdfast", folder.resolve("two"));
                HoldfastClient client = connectPatiently(at(one) + "," + at(two))) {
            assertThatThrownBy(() -> hold(client, ALICE))
                    .isInstanceOf(LockRequestRejectedException.class)
                    .hasMessageContaining("two clusters");
        }
    }

    @Test
    void the_cluster_that_is_named_is_found_in_any_order() throws Exception {
        ClientOptions byName = OPTIONS.clusterName("prod");
        ClientOptions byId = OPTIONS.clusterId(prod.clusterId());
        ClientOptions byBoth = byName.clusterId(prod.clusterId());
        for (String list : List.of(at(prod) + "," + at(test), at(test) + "," + at(prod))) {
            for (ClientOptions options : List.of(byName, byId, byBoth)) {
                try (HoldfastClient client = Holdfast.connect(list, options)) {
                    LockHandle held = hold(client, ALICE);
                    assertThatThrownBy(() -> hold(prod.client(), BOB)).isInstanceOf(LockAlreadyHeldException.class);
                    held.release();
                }
            }
        }
        assertThat(test.client().list("").count()).isZero();
    }

    @Test
    void a_cluster_of_another_name_or_id_is_refused_with_both() {
        for (ClientOptions options : List.of(
                OPTIONS.clusterName("production"),
                OPTIONS.clusterId(test.clusterId()),
                OPTIONS.clusterName("prod").clusterId("nonsense"))) {
            try (HoldfastClient client = Holdfast.connect(at(prod), options)) {
                assertThatThrownBy(() -> hold(client, ALICE))
                        .isInstanceOf(LockRequestRejectedException.class)
                        .hasMessageContaining(at(prod))
                        .hasMessageContaining("prod")
                        .hasMessageContaining(
                                options.clusterId().isEmpty() ? options.clusterName() : options.clusterId());
            }
        }
    }

    @Test
    void nobody_there_is_said_for_each_address() throws Exception {
        String closed = "127.0.0.1:" + FreePorts.find(1).get(0);
        ClientOptions hasty = OPTIONS.requestTimeout(Duration.ofSeconds(2));
        try (HoldfastClient client = Holdfast.connect(closed + ",no-such-host.invalid:7201", hasty)) {
            await().atMost(LocalCluster.PATIENCE)
                    .untilAsserted(() -> assertThatThrownBy(() -> hold(client, ALICE))
                            .isInstanceOf(LockUnavailableException.class)
                            .hasMessageContaining("cannot connect to " + closed + ": connection refused")
                            .hasMessageContaining("cannot connect to no-such-host.invalid:7201: unknown host"));
        }
    }

    @Test
    void an_address_that_cannot_be_connected_to_is_refused_at_once() {
        assertThatThrownBy(() -> Holdfast.connect(at(prod) + ",my_host:7201", OPTIONS))
                .isInstanceOf(InvalidAddressException.class)
                .hasMessageContaining("my_host");
    }
}
