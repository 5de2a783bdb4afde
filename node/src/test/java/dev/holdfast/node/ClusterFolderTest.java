package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.internal.membership.Meeting;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.storage.NewGroup;
import dev.holdfast.node.support.OldFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFolderTest {
    private static final Member A = new Member("a", "127.0.0.1", 1, 2);
    private static final Member B = new Member("b", "127.0.0.1", 3, 4);
    private static final Member C = new Member("c", "127.0.0.1", 5, 6);
    private static final UUID CLUSTER = UUID.randomUUID();

    @TempDir
    private Path root;

    private Path folder;

    @BeforeEach
    void make_a_folder() throws IOException {
        folder = Files.createDirectory(root.resolve("one"));
    }

    private ClusterFolder open(String name, String peer, Member... members) throws IOException {
        return ClusterFolder.open(folder, name, peer, List.of(members), 1, false);
    }

    private ClusterFolder born(Member... members) throws IOException {
        ClusterFolder opened = open("locks", "a", members);
        opened.belongTo(CLUSTER, List.of(Peer.of(opened.self(), A), Peer.of(PeerId.random("b"), B)));
        return opened;
    }

    @Test
    void what_the_peer_is_stays_with_the_folder() throws IOException {
        ClusterFolder first = open("locks", "a", A, B, C);
        ClusterFolder second = open("locks", "a", C, A, B);

        assertThat(second.self()).isEqualTo(first.self());
        assertThat(second.list()).isEqualTo(first.list());
        assertThat(second.isBorn()).isFalse();
    }

    @Test
    void an_emptied_folder_is_another_peer() throws IOException {
        PeerId before = open("locks", "a", A, B, C).self();
        Files.delete(folder.resolve("cluster.properties"));

        assertThat(open("locks", "a", A, B, C).self().name()).isEqualTo("a");
        assertThat(open("locks", "a", A, B, C).self()).isNotEqualTo(before);
    }

    @Test
    void the_cluster_and_its_founders_stay_with_the_folder() throws IOException {
        ClusterFolder first = born(A, B, C);
        ClusterFolder second = open("locks", "a", A, B, C);

        assertThat(second.cluster()).isEqualTo(CLUSTER);
        assertThat(second.founders()).isEqualTo(first.founders()).hasSize(2);
        assertThat(NewGroup.isIn(folder.resolve("raft"), CLUSTER)).isTrue();
    }

    @Test
    void peers_with_the_same_list_in_any_order_have_one_list() throws IOException {
        UUID first = open("locks", "a", A, B, C).list();
        folder = Files.createDirectory(root.resolve("two"));
        assertThat(open("locks", "b", C, A, B).list()).isEqualTo(first);
    }

    @Test
    void peers_with_other_lists_names_or_groups_have_other_lists() throws IOException {
        UUID first = open("locks", "a", A, B, C).list();
        folder = Files.createDirectory(root.resolve("two"));
        assertThat(open("locks", "a", A, B).list()).isNotEqualTo(first);
        folder = Files.createDirectory(root.resolve("three"));
        assertThat(open("other", "a", A, B, C).list()).isNotEqualTo(first);
        folder = Files.createDirectory(root.resolve("four"));
        assertThat(open("locks", "a", A, B, new Member("c", "127.0.0.1", 5, 7)).list())
                .isNotEqualTo(first);
        folder = Files.createDirectory(root.resolve("five"));
        assertThat(ClusterFolder.open(folder, "locks", "a", List.of(A, B, C), 2, false)
                        .list())
                .isNotEqualTo(first);
    }

    @Test
    void one_that_joins_has_no_list() throws IOException {
        assertThat(ClusterFolder.open(folder, "locks", "a", List.of(A, B, C), 1, true)
                        .list())
                .isEqualTo(Meeting.NOBODY);
    }

    @Test
    void a_folder_is_not_opened_as_that_of_another_peer_cluster_or_list() throws IOException {
        open("locks", "a", A, B, C);

        assertRefused("peer", () -> open("locks", "b", A, B, C));
        assertRefused("name", () -> open("other", "a", A, B, C));
        assertRefused("members", () -> open("locks", "a", A, B));
        assertRefused(
                "was made for groups \"1\" and is now opened with groups \"3\"",
                () -> ClusterFolder.open(folder, "locks", "a", List.of(A, B, C), 3, false));
    }

    @Test
    void once_there_is_a_cluster_the_list_only_serves_to_find_it() throws IOException {
        UUID list = born(A, B, C).list();

        assertThat(open("locks", "a", A, new Member("d", "127.0.0.1", 7, 8)).list())
                .isEqualTo(list);
    }

    private void assertRefused(String what, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(what);
    }

    @Test
    void a_single_peer_may_change_its_ports() throws IOException {
        UUID first = open("locks", "a", A).list();
        assertThat(open("locks", "a", new Member("a", "127.0.0.1", 7, 8)).list())
                .isEqualTo(first);
    }

    @Test
    void a_damaged_or_empty_file_is_refused() throws IOException {
        born(A, B, C);
        Path file = folder.resolve("cluster.properties");
        Files.writeString(file, Files.readString(file).replaceAll("(?m)^id=.*$", "id=x"));
        assertThatThrownBy(() -> open("locks", "a", A, B, C))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());

        Files.writeString(file, "");
        assertThatThrownBy(() -> open("locks", "a", A, B, C)).isInstanceOf(IOException.class);
    }

    @Test
    void a_folder_that_lost_a_part_is_refused() throws IOException {
        born(A, B, C);
        Path meta = folder.resolve("raft/" + CLUSTER + "/current/raft-meta");
        Files.move(meta, root.resolve("kept"));
        assertRefused("whom this peer has voted for", () -> open("locks", "a", A, B, C));

        Files.move(root.resolve("kept"), meta);
        Path file = folder.resolve("cluster.properties");
        Files.move(file, root.resolve("kept"));
        assertRefused("says whose they are", () -> open("locks", "a", A, B, C));

        folder = Files.createDirectory(root.resolve("two"));
        open("locks", "a", A, B, C);
        Files.createDirectories(folder.resolve("raft/" + CLUSTER));
        assertRefused("names no cluster", () -> open("locks", "a", A, B, C));
    }

    @Test
    void a_birth_that_was_interrupted_did_not_happen() throws IOException {
        open("locks", "a", A, B, C);
        Path file = folder.resolve("cluster.properties");
        Files.writeString(file, Files.readString(file) + "bearing=" + CLUSTER + "\n");
        NewGroup.make(folder.resolve("raft"), CLUSTER);

        ClusterFolder again = open("locks", "a", A, B, C);

        assertThat(again.isBorn()).isFalse();
        assertThat(folder.resolve("raft")).isEmptyDirectory();
        again.belongTo(CLUSTER, List.of(Peer.of(again.self(), A)));
        assertThat(open("locks", "a", A, B, C).isBorn()).isTrue();
    }

    @Test
    void the_call_that_was_answered_last_counts() throws IOException {
        ClusterFolder opened = open("locks", "b", A, B, C);
        PeerId first = PeerId.random("a");
        PeerId second = PeerId.random("a");
        opened.answer(first);
        opened.answer(second);

        assertThat(open("locks", "b", A, B, C).answered()).isEqualTo(second);
    }

    @Test
    void the_folder_of_a_member_that_was_removed_is_refused() throws IOException {
        born(A, B, C).removed();

        assertRefused("was removed from its cluster", () -> open("locks", "a", A, B, C));
    }

    @Test
    void a_folder_from_before_there_were_incarnations_goes_on_as_what_it_was() throws IOException {
        OldFolders.make(folder, CLUSTER, "a", List.of(A, B, C));

        ClusterFolder adopted = ClusterFolder.open(folder, "holdfast", "a", List.of(A, B, C), 1, false);

        assertThat(adopted.self().toString()).isEqualTo("a");
        assertThat(adopted.cluster()).isEqualTo(CLUSTER);
        assertThat(adopted.founders()).extracting(peer -> peer.id().toString()).containsExactly("a", "b", "c");
        assertThat(adopted.founders()).extracting(Peer::member).containsExactly(A, B, C);
        ClusterFolder again = ClusterFolder.open(folder, "holdfast", "a", List.of(A, B, C), 1, false);
        assertThat(again.founders()).isEqualTo(adopted.founders());
    }

    @Test
    void a_folder_of_a_later_format_is_refused() throws IOException {
        open("locks", "a", A, B, C);
        Path file = folder.resolve("cluster.properties");
        Files.writeString(file, Files.readString(file).replace("format=2", "format=3"));

        assertThatThrownBy(() -> open("locks", "a", A, B, C)).hasMessageContaining("format 3");
    }
}
