package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatusRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.tls.Tls;
import dev.holdfast.node.support.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Each test has a folder of its own, and mostly waits for it. */
@Execution(ExecutionMode.CONCURRENT)
class HoldfastNodeBuilderTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final Lockable THING = new Lockable("thing", "thing");

    @TempDir
    private Path folder;

    private static void assertRefused(HoldfastNodeBuilder builder, String... words) {
        assertThatThrownBy(() -> {
                    HoldfastNode node = builder.start();
                    node.close();
                })
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(words);
    }

    private HoldfastNodeBuilder builder() {
        return HoldfastNode.builder().dataFolder(folder);
    }

    @Test
    void a_node_needs_a_data_folder() {
        assertRefused(HoldfastNode.builder(), "data folder");
    }

    @Test
    void a_node_of_several_needs_an_id() {
        assertRefused(builder().members("a=127.0.0.1:1101:1102", "b=127.0.0.1:1103:1104"), "id");
    }

    @Test
    void an_id_is_one_of_the_members() {
        assertRefused(builder().id("x").members("a=127.0.0.1:1101:1102", "b=127.0.0.1:1103:1104"), "\"x\"", "members");
    }

    @Test
    void members_have_different_ids() {
        assertRefused(builder().id("a").members("a=127.0.0.1:1101:1102", "a=127.0.0.1:1103:1104"), "id a");
    }

    @Test
    void members_have_different_addresses() {
        assertRefused(builder().id("a").members("a=127.0.0.1:1101:1102", "b=127.0.0.1:1102:1103"), "address");
    }

    @Test
    void what_makes_no_sense_for_members_that_come_and_go_is_refused() {
        for (int number : new int[] {0, 10}) {
            assertThatThrownBy(() -> builder().maxVoters(number)).hasMessageContaining("allowed are 1 to 9");
        }
        assertThatThrownBy(() -> builder().replaceAfter(Duration.ofMillis(9999)))
                .hasMessageContaining("at least 10 s");
        assertThatThrownBy(() -> builder().joinToken("secret"))
                .hasMessageContaining("no join token")
                .hasMessageNotContaining("secret");
        assertRefused(builder().joinToken("join-" + "0".repeat(32)), "join() is missing");
    }

    @Test
    void an_address_beyond_loopback_must_be_called_insecure() {
        assertRefused(
                builder().id("a").members("a=127.0.0.1:1101:1102", "b=192.0.2.1:1101:1102"),
                "192.0.2.1",
                "not encrypted",
                "insecure()");
        assertRefused(builder().members("a=0.0.0.0:1101:1102"), "insecure()");
    }

    @Test
    void what_a_peer_listens_on_is_judged_as_what_it_is_known_by() {
        assertRefused(
                builder().members("a=127.0.0.1:1101:1102").listen("0.0.0.0"),
                "0.0.0.0, on which a listens",
                "not encrypted",
                "insecure()");
        assertRefused(builder().members("a=192.0.2.1:1101:1102").listen("127.0.0.1"), "192.0.2.1", "insecure()");
        assertRefused(
                builder()
                        .id("a")
                        .members("a=127.0.0.1:1101:1102", "b=127.0.0.1:1103:1104")
                        .listen("[::]")
                        .insecure(),
                "there is no secret");
        assertRefused(builder().members("a=127.0.0.1:1101:1102").listen("127.0.0.1:7"), "listen()", "127.0.0.1:7");
    }

    @Test
    void a_peer_listens_where_it_is_told_to_and_is_known_where_the_list_says() throws Exception {
        List<Integer> ports = FreePorts.find(4);
        Member known = new Member("a", "127.0.0.1", ports.get(0), ports.get(1));
        try (HoldfastNode node = builder()
                .members(List.of(known))
                .listen("127.0.0.1:" + ports.get(2) + ":" + ports.get(3))
                .start()) {
            assertThat(node.awaitLeader(Duration.ofSeconds(30))).isTrue();
            PeerStatus status = PeerStatusRequest.ask(
                    new HostPort("127.0.0.1", ports.get(3)),
                    RemoteOptions.named("a test")
                            .withRequestTimeout(Duration.ofSeconds(30))
                            .withConnectTimeout(Duration.ofSeconds(30)));
            assertThat(status.members())
                    .containsExactly(new PeerStatus.MemberAddress("a", known.clientAddress(), known.raftPort()));
            assertThat(node.member()).isEqualTo(known);
            for (int port : ports.subList(0, 2)) {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                }
            }
        }
    }

    @Test
    void a_peer_whose_own_name_does_not_resolve_yet_needs_an_address_to_listen_on() throws Exception {
        List<Integer> ports = FreePorts.find(2);
        Member named = new Member("a", "no-such-host.invalid", ports.get(0), ports.get(1));
        Supplier<HoldfastNodeBuilder> pod =
                () -> builder().members(List.of(named)).insecure();
        assertThatThrownBy(() -> pod.get().start().close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no-such-host.invalid, on which this peer is to listen, is unknown")
                .hasMessageContaining("'listen'");

        try (HoldfastNode node = pod.get().listen("127.0.0.1").start()) {
            assertThat(node.client().createLock().acquire(ALICE, THING).acquired())
                    .isTrue();
        }
    }

    @Test
    void members_beyond_loopback_need_a_secret_that_cannot_be_guessed() {
        Supplier<HoldfastNodeBuilder> beyond = () -> builder()
                .id("a")
                .members("a=127.0.0.1:1101:1102", "b=192.0.2.1:1101:1102")
                .insecure();
        assertRefused(beyond.get(), "there is no secret", "holdfast secret FILE");
        assertRefused(beyond.get().secret(new byte[31]), "31 bytes", "at least 32");
        assertThatThrownBy(
                        () -> beyond.get().secretFile(folder.resolve("absent")).start())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("absent");
    }

    @Test
    void what_is_called_insecure_may_be_beyond_loopback_and_says_so_in_its_status() throws Exception {
        List<Integer> ports = FreePorts.find(2);
        Member everywhere = new Member("a", "0.0.0.0", ports.get(0), ports.get(1));
        try (HoldfastNode node =
                builder().members(List.of(everywhere)).insecure().start()) {
            assertThat(node.awaitLeader(Duration.ofSeconds(30))).isTrue();
            PeerStatus status = PeerStatusRequest.ask(
                    new HostPort("127.0.0.1", everywhere.clientPort()),
                    RemoteOptions.named("a test")
                            .withRequestTimeout(Duration.ofSeconds(30))
                            .withConnectTimeout(Duration.ofSeconds(30)));
            assertThat(status.security().insecure()).isTrue();
        }
    }

    @Test
    void what_is_all_encrypted_may_be_beyond_loopback_and_needs_no_secret() throws Exception {
        Tls tls = new Certificates(folder.resolve("certificates")).member("a");
        HoldfastNodeBuilder half = builder()
                .id("a")
                .members("a=127.0.0.1:1101:1102", "b=192.0.2.1:1101:1102")
                .membersTls(tls);
        assertRefused(half, "membersTls() and clientsTls(), or insecure()");
        List<Integer> ports = FreePorts.find(2);
        String here = "a=0.0.0.0:" + ports.get(0) + ":" + ports.get(1);
        HoldfastNodeBuilder all = builder()
                .id("a")
                .members(here, "b=192.0.2.1:1101:1102")
                .membersTls(tls)
                .clientsTls(tls);
        try (HoldfastNode node = all.start()) {
            assertThat(node.leader()).isNull();
        }
    }

    @Test
    void a_node_alone_finds_its_own_ports_and_keeps_its_folder() throws Exception {
        long token;
        String cluster;
        try (HoldfastNode node = builder().start()) {
            token = node.client()
                    .createLock()
                    .acquire(ALICE, THING, AcquireOptions.defaults().untilReleased())
                    .token();
            cluster = node.clusterId();
            assertThat(node.member().host()).isEqualTo("127.0.0.1");
        }
        try (HoldfastNode node = builder().start()) {
            assertThat(node.clusterId()).isEqualTo(cluster);
            assertThat(node.client().createLock().get(THING).orElseThrow().token())
                    .isEqualTo(token);
            assertThat(node.client()
                            .createLock()
                            .acquire(ALICE, new Lockable("other", "other"))
                            .token())
                    .isGreaterThan(token);
        }
    }

    @Test
    void a_folder_of_another_cluster_is_refused() throws IOException {
        HoldfastNode first = builder().clusterName("one").start();
        first.close();

        assertThatThrownBy(() -> {
                    HoldfastNode second = builder().clusterName("two").start();
                    second.close();
                })
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining("one")
                .hasMessageContaining("two");
    }

    @Test
    void a_folder_that_cannot_be_is_refused() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> {
                    HoldfastNode node = HoldfastNode.builder()
                            .dataFolder(file.resolve("data"))
                            .start();
                    node.close();
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void a_folder_in_use_is_refused_and_its_user_goes_on() throws IOException {
        try (HoldfastNode first = builder().start()) {
            assertThatThrownBy(() -> {
                        HoldfastNode second = builder().start();
                        second.close();
                    })
                    .isInstanceOf(IOException.class);
            assertThat(first.client().createLock().acquire(ALICE, THING).acquired())
                    .isTrue();
        }
    }

    @Test
    void a_port_that_is_taken_is_refused() throws IOException {
        List<Integer> ports = FreePorts.find(2);
        for (int taken = 0; taken < 2; taken++) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(taken)));
                assertThatThrownBy(() -> {
                            HoldfastNode node = builder()
                                    .members(List.of(new Member("a", "127.0.0.1", ports.get(0), ports.get(1))))
                                    .start();
                            node.close();
                        })
                        .isInstanceOf(IOException.class);
            }
        }
        try (HoldfastNode node = builder()
                .members(List.of(new Member("a", "127.0.0.1", ports.get(0), ports.get(1))))
                .start()) {
            assertThat(node.client().createLock().acquire(ALICE, THING).acquired())
                    .isTrue();
        }
    }

    @Test
    void closing_a_further_client_leaves_the_node_s_own_at_work() throws IOException {
        try (HoldfastNode node = builder().start()) {
            HoldfastClient further = node.newClient(dev.holdfast.client.ClientOptions.defaults());
            further.createLock().acquire(ALICE, THING).orThrow();
            further.close();
            assertThat(node.client().createLock().acquire(ALICE, THING).reacquired())
                    .isFalse();
        }
    }

    @Test
    void a_node_may_be_closed_twice() throws IOException {
        HoldfastNode node = builder().start();
        node.close();
        node.close();
        assertThat(node.isLeader()).isFalse();
    }

    @Test
    void a_data_folder_serves_one_peer_at_a_time() throws IOException {
        try (HoldfastNode node = HoldfastNode.builder().dataFolder(folder).start()) {
            assertThatThrownBy(() -> HoldfastNode.builder().dataFolder(folder).start())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining("in use by another peer");
            assertThat(node.failure().toCompletableFuture()).isNotDone();
        }
        HoldfastNode.builder().dataFolder(folder).start().close();
    }
}
