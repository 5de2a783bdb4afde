package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.access.AuditEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A member starts at another address than the others know. It is what its folder says, wherever it is. */
class MovedMemberTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final Lockable THING = new Lockable("thing", "thing");

    @TempDir
    private Path root;

    private final Map<String, HoldfastNode> nodes = new HashMap<>();

    @AfterEach
    void close() {
        LocalCluster.closeAll(List.copyOf(nodes.values()));
    }

    private HoldfastNode start(String id, List<Member> list) throws Exception {
        HoldfastNode node = HoldfastNode.builder()
                .id(id)
                .members(list)
                .dataFolder(root.resolve(id))
                .clientOptions(options -> options.requestTimeout(LocalCluster.PATIENCE))
                .start();
        nodes.put(id, node);
        return node;
    }

    private void stop(String id) {
        nodes.remove(id).close();
    }

    private static List<Member> with(Member moved, List<Member> list) {
        List<Member> changed = new ArrayList<>(list);
        changed.replaceAll(member -> member.id().equals(moved.id()) ? moved : member);
        return changed;
    }

    private static Member elsewhere(String id) throws IOException {
        List<Integer> ports = FreePorts.find(2);
        return new Member(id, "127.0.0.1", ports.get(0), ports.get(1));
    }

    @Test
    @Tag("long")
    void the_others_hear_where_it_is_and_remember_it() throws Exception {
        List<Member> list = LocalCluster.members(3);
        for (Member member : list) {
            start(member.id(), list);
        }
        for (HoldfastNode node : nodes.values()) {
            assertThat(node.awaitReady(LocalCluster.PATIENCE)).isTrue();
        }
        stop("c");
        Member moved = elsewhere("c");

        HoldfastNode c = start("c", with(moved, list));

        assertThat(c.awaitReady(LocalCluster.PATIENCE)).isTrue();
        for (String id : List.of("a", "b")) {
            HoldfastNode other = nodes.get(id);
            await().atMost(LocalCluster.PATIENCE)
                    .untilAsserted(() -> assertThat(other.membership().list())
                            .filteredOn(member -> member.name().equals("c"))
                            .singleElement()
                            .satisfies(member -> assertThat(member.clients()).isEqualTo(moved.clientAddress())));
        }
        await().atMost(LocalCluster.PATIENCE).untilAsserted(() -> {
            try (Stream<AuditEntry> audit = c.client().audit()) {
                assertThat(audit).singleElement().satisfies(entry -> {
                    assertThat(entry.action()).isEqualTo("members-move");
                    assertThat(entry.principal()).isEqualTo("member:c");
                    assertThat(entry.detail()).contains(moved.raftAddress().toString());
                });
            }
        });
        // The two that are left now know only the old list, and what a remembers.
        stop("b");
        stop("a");
        HoldfastNode a = start("a", list);
        assertThat(a.awaitReady(LocalCluster.PATIENCE)).isTrue();
        assertThat(a.client().createLock().acquire(ALICE, THING).acquired()).isTrue();
    }
}
