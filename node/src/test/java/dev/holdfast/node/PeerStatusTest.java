package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.PeerStatus;
import dev.holdfast.client.remote.PeerStatus.MemberAddress;
import dev.holdfast.client.remote.PeerStatus.Role;
import dev.holdfast.client.remote.PeerStatusRequest;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.client.transport.TransportException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerStatusTest {
    private static final RemoteOptions OPTIONS = RemoteOptions.named("test")
            .withRequestTimeout(LocalCluster.PATIENCE)
            .withConnectTimeout(LocalCluster.PATIENCE);

    private static PeerStatus ask(HoldfastNode node) {
        return PeerStatusRequest.ask(
                new HostPort(node.member().host(), node.member().clientPort()), OPTIONS);
    }

    @Test
    void every_peer_tells_of_itself_and_they_agree(@TempDir Path folder) throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3)) {
            HoldfastNode leader = cluster.leader();
            for (HoldfastNode node : cluster.nodes()) {
                assertThat(node.awaitReady(Duration.ofMinutes(1))).isTrue();
            }
            leader.client()
                    .createLock()
                    .hold(
                            Holdfast.createLockOwner("job").of("1"),
                            Holdfast.createLockable("x").of(),
                            AcquireOptions.defaults())
                    .release();
            PeerStatus ofLeader = ask(leader);
            assertThat(ofLeader.groups().get(0).role()).isEqualTo(Role.LEADER);
            assertThat(ofLeader.groups().get(0).appliedIndex()).isPositive();
            assertThat(ofLeader.groups().get(0).lastIndex())
                    .isGreaterThanOrEqualTo(ofLeader.groups().get(0).appliedIndex());
            for (HoldfastNode node : cluster.nodes()) {
                await().atMost(Duration.ofMinutes(1))
                        .untilAsserted(() -> assertThat(
                                        ask(node).groups().get(0).appliedIndex())
                                .isGreaterThanOrEqualTo(ofLeader.groups().get(0).appliedIndex()));
                PeerStatus status = ask(node);
                assertThat(status.peerId()).isEqualTo(node.id());
                assertThat(status.clusterId()).isEqualTo(leader.clusterId());
                assertThat(status.clusterName()).isEqualTo("holdfast");
                assertThat(status.groups().get(0).leaderId()).isEqualTo(leader.id());
                assertThat(status.groups().get(0).term())
                        .isEqualTo(ofLeader.groups().get(0).term());
                assertThat(status.groups().get(0).role()).isEqualTo(node == leader ? Role.LEADER : Role.FOLLOWER);
                assertThat(status.members())
                        .extracting(MemberAddress::peerId)
                        .containsExactlyInAnyOrderElementsOf(
                                cluster.nodes().stream().map(HoldfastNode::id).toList());
            }
        }
    }

    @Test
    void what_happened_is_said() throws Exception {
        HostPort closed = new HostPort("127.0.0.1", FreePorts.find(1).get(0));
        assertThatThrownBy(() -> PeerStatusRequest.ask(closed, RemoteOptions.named("test")))
                .hasMessageContaining(closed + " does not answer: connection refused");
        HostPort unknown = new HostPort("no-such-host.invalid", 7201);
        assertThatThrownBy(() -> PeerStatusRequest.ask(unknown, RemoteOptions.named("test")))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining(unknown + " does not answer: unknown host");
    }

    @Test
    void nobody_there_is_said() throws Exception {
        HostPort nowhere = new HostPort("127.0.0.1", FreePorts.find(1).get(0));
        assertThatThrownBy(() -> PeerStatusRequest.ask(nowhere, RemoteOptions.named("test")))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining(nowhere + " does not answer");
    }
}
