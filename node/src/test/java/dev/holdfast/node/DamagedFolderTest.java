package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A peer whose folder has lost what it had acknowledged does not start, and says what is wrong. */
class DamagedFolderTest {
    private static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    private static final Lockable KEY = new Lockable("key", "key");
    private static final RaftSettings SMALL_FILES = RaftSettings.DEFAULT.logSegments(1 << 10);

    @TempDir
    Path folder;

    private HoldfastNode alone() throws IOException {
        return HoldfastNode.builder().dataFolder(folder).ratis(SMALL_FILES).start();
    }

    private static void turns(HoldfastNode node, int count) {
        HoldfastLock lock = node.client().createLock();
        for (int i = 0; i < count; i++) {
            lock.acquire(ALICE, KEY).orThrow().release();
        }
    }

    private void runFor(int turns) throws IOException {
        try (HoldfastNode node = alone()) {
            turns(node, turns);
        }
    }

    private static List<Path> find(Path under, String namePattern) throws IOException {
        try (Stream<Path> files = Files.walk(under)) {
            return files.filter(file -> String.valueOf(file.getFileName()).matches(namePattern))
                    .sorted()
                    .toList();
        }
    }

    private Path only(String namePattern) throws IOException {
        return find(folder, namePattern).get(0);
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> {
                    HoldfastNode node = alone();
                    node.close();
                })
                .isInstanceOf(IOException.class)
                .hasNoCause()
                .message()
                .contains(parts)
                .contains("holdfast members replace");
    }

    @Test
    void a_log_with_a_bit_turned_over_is_refused_by_file_and_offset() throws IOException {
        runFor(30);
        assertThat(DataFolder.check(folder).isSound()).isTrue();
        Path closed = only("log_\\d+-\\d+");
        byte[] bytes = Files.readAllBytes(closed);
        bytes[20] ^= 1;
        Files.write(closed, bytes);

        assertRefused(closed + " is damaged at byte 8: entry");

        DataFolder.Group found = DataFolder.check(folder).groups().get(0);
        assertThat(found.findings()).singleElement().asString().contains(closed + " is damaged at byte 8");
        assertThat(DataFolder.check(folder).isSound()).isFalse();
        assertThat(Files.readAllBytes(closed)).isEqualTo(bytes);
    }

    @Test
    void a_folder_that_is_in_use_or_of_nobody_is_not_checked() throws IOException {
        assertThatThrownBy(() -> DataFolder.check(folder)).hasMessageContaining("is not the data folder of a peer");
        try (HoldfastNode node = alone()) {
            assertThat(node.id()).isNotNull();
            assertThatThrownBy(() -> DataFolder.check(folder)).hasMessageContaining("is in use by another peer");
        }
    }

    @Tag("long")
    @Test
    void a_follower_whose_log_was_cut_back_is_refused() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3)) {
            turns(cluster.leader(), 20);
            cluster.awaitEqualHashes();
            String id = cluster.follower().id();
            Path data = cluster.folder(id);
            long applied = cluster.node(id).appliedIndex();
            await().atMost(LocalCluster.PATIENCE)
                    .untilAsserted(
                            () -> assertThat(find(data, ".*\\.acknowledged")).isNotEmpty());
            await().atMost(LocalCluster.PATIENCE)
                    .until(() -> ByteBuffer.wrap(Files.readAllBytes(
                                            find(data, ".*\\.acknowledged").get(0)))
                                    .getLong()
                            >= applied);
            cluster.stop(id);
            Path log = find(data, "log_.*").get(0);
            int end = 8 + 1000;
            try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
                file.setLength(end);
            }

            assertThatThrownBy(() -> {
                        HoldfastNode node = cluster.start(id);
                        node.close();
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("this peer had acknowledged entries up to");
        }
    }
}
