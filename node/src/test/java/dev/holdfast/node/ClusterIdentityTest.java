package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIdentityTest {
    private static final Member A = new Member("a", "127.0.0.1", 1, 2);
    private static final Member B = new Member("b", "127.0.0.1", 3, 4);
    private static final Member C = new Member("c", "127.0.0.1", 5, 6);

    @TempDir
    private Path root;

    private Path folder;

    @BeforeEach
    void make_a_folder() throws IOException {
        folder = Files.createDirectory(root.resolve("one"));
    }

    private UUID establish(String name, String peer, Member... members) throws IOException {
        return ClusterIdentity.establish(folder, name, peer, List.of(members), 1);
    }

    @Test
    void the_id_stays_with_the_folder() throws IOException {
        UUID first = establish("locks", "a", A, B, C);
        assertThat(establish("locks", "a", A, B, C)).isEqualTo(first);
    }

    @Test
    void peers_with_the_same_list_in_any_order_are_of_one_cluster() throws IOException {
        UUID first = establish("locks", "a", A, B, C);
        folder = Files.createDirectory(root.resolve("two"));
        assertThat(establish("locks", "b", C, A, B)).isEqualTo(first);
    }

    @Test
    void peers_with_other_lists_or_names_are_of_other_clusters() throws IOException {
        UUID first = establish("locks", "a", A, B, C);
        folder = Files.createDirectory(root.resolve("two"));
        assertThat(establish("locks", "a", A, B)).isNotEqualTo(first);
        folder = Files.createDirectory(root.resolve("three"));
        assertThat(establish("other", "a", A, B, C)).isNotEqualTo(first);
        folder = Files.createDirectory(root.resolve("four"));
        assertThat(establish("locks", "a", A, B, new Member("c", "127.0.0.1", 5, 7)))
                .isNotEqualTo(first);
    }

    @Test
    void a_folder_is_not_opened_as_that_of_another_peer_cluster_or_list() throws IOException {
        establish("locks", "a", A, B, C);

        assertRefused("peer", () -> establish("locks", "b", A, B, C));
        assertRefused("name", () -> establish("other", "a", A, B, C));
        assertRefused("members", () -> establish("locks", "a", A, B));
    }

    private void assertRefused(String what, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(what);
    }

    @Test
    void a_single_peer_may_change_its_ports() throws IOException {
        UUID first = establish("locks", "a", A);
        assertThat(establish("locks", "a", new Member("a", "127.0.0.1", 7, 8))).isEqualTo(first);
    }

    @Test
    void single_peers_that_are_called_the_same_are_of_clusters_of_their_own() throws IOException {
        UUID first = establish("locks", "a", A);
        folder = Files.createDirectory(root.resolve("two"));
        assertThat(establish("locks", "a", A)).isNotEqualTo(first);
    }

    @Test
    void a_damaged_file_is_refused() throws IOException {
        establish("locks", "a", A);
        Path file = folder.resolve("cluster.properties");
        Files.writeString(file, Files.readString(file).replaceAll("(?m)^id=.*$", "id=x"));

        assertThatThrownBy(() -> establish("locks", "a", A))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void an_empty_file_is_refused() throws IOException {
        Files.createFile(folder.resolve("cluster.properties"));

        assertThatThrownBy(() -> establish("locks", "a", A)).isInstanceOf(IOException.class);
    }

    @Test
    void the_number_of_groups_is_fixed() throws IOException {
        UUID two = ClusterIdentity.establish(folder, "locks", "a", List.of(A, B, C), 2);

        assertThatThrownBy(() -> ClusterIdentity.establish(folder, "locks", "a", List.of(A, B, C), 3))
                .hasMessageContaining("was made for groups \"2\" and is now opened with groups \"3\"");
        assertThat(ClusterIdentity.establish(folder, "locks", "a", List.of(A, B, C), 2))
                .isEqualTo(two);
        assertThat(ClusterIdentity.establish(
                        Files.createDirectory(root.resolve("two")), "locks", "a", List.of(A, B, C), 1))
                .isNotEqualTo(two);
    }
}
