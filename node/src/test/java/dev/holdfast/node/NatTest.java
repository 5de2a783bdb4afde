package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.node.support.Forwarder;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members that are not known by the addresses on which they listen. */
@Tag("long")
class NatTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final Lockable THING = new Lockable("thing", "thing");

    @TempDir
    private Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<HoldfastNode> nodes = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        LocalCluster.closeAll(nodes);
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    @Test
    void members_and_clients_reach_members_at_other_ports_than_those_on_which_they_listen() throws Exception {
        List<Member> listening = LocalCluster.members(3);
        List<Member> known = new ArrayList<>();
        for (Member member : listening) {
            known.add(new Member(member.id(), "127.0.0.1", forward(member.raftPort()), forward(member.clientPort())));
        }
        for (Member member : listening) {
            nodes.add(HoldfastNode.builder()
                    .id(member.id())
                    .members(known)
                    .listen(member.host() + ":" + member.raftPort() + ":" + member.clientPort())
                    .secret(new byte[32])
                    .dataFolder(folder.resolve(member.id()))
                    .start());
        }
        for (HoldfastNode node : nodes) {
            assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
            assertThat(node.client()
                            .createLock()
                            .acquire(ALICE, THING)
                            .orThrow()
                            .state())
                    .isNotNull();
        }
        String servers =
                known.stream().map(member -> member.clientAddress().toString()).collect(Collectors.joining(","));
        try (HoldfastClient client =
                Holdfast.connect(servers, ClientOptions.defaults().requestTimeout(LocalCluster.PATIENCE))) {
            HoldfastNode leader =
                    nodes.stream().filter(HoldfastNode::isLeader).findFirst().orElseThrow();
            client.createLock().acquire(ALICE, new Lockable("thing", "before")).orThrow();
            nodes.remove(leader);
            leader.close();

            try (LockHandle after = client.createLock()
                    .acquire(ALICE, new Lockable("thing", "after"))
                    .orThrow()) {
                assertThat(after.token()).isPositive();
            }
        }
    }

    /** The port by which that one is known. */
    private int forward(int port) throws Exception {
        Forwarder forwarder = new Forwarder(port);
        open.push(forwarder);
        return forwarder.port();
    }
}
