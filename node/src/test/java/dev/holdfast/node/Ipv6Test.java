package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockHandle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members whose addresses have colons in them. */
class Ipv6Test {
    @TempDir
    Path folder;

    @BeforeEach
    void find_out_whether_there_is_ipv6() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            assertThat(socket.isBound()).isTrue();
        } catch (IOException e) {
            Assumptions.abort("no IPv6 here");
        }
    }

    @Test
    void they_find_a_leader_and_each_other_and_say_so() throws Exception {
        List<Member> members = LocalCluster.members(3).stream()
                .map(member -> new Member(member.id(), "::1", member.raftPort(), member.clientPort()))
                .toList();
        try (LocalCluster cluster = LocalCluster.start(folder, members)) {
            HoldfastNode follower = cluster.follower();
            assertThat(follower.awaitReady(LocalCluster.PATIENCE)).isTrue();
            assertThat(follower.leader()).isEqualTo(cluster.leader().id());
            await().atMost(LocalCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(follower.silentMembers()).isEmpty());
            try (LockHandle handle = follower.client()
                    .createLock()
                    .hold(Holdfast.createLockable("job").of())) {
                assertThat(handle.isHeld()).isTrue();
            }
        }
    }
}
