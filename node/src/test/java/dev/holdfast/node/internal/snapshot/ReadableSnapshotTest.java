package dev.holdfast.node.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.util.MD5FileUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadableSnapshotTest {
    @TempDir
    Path folder;

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    @Test
    void a_folder_without_snapshots_has_none() throws IOException {
        assertThat(ReadableSnapshot.settle(folder, Long.MAX_VALUE, -1)).isEqualTo(-1);
        assertThat(ReadableSnapshot.settle(folder.resolve("none"), Long.MAX_VALUE, -1))
                .isEqualTo(-1);
    }

    @Test
    void the_latest_is_taken() throws Exception {
        Snapshots.in(folder, 9);
        Snapshots.in(folder, 100);
        List<String> before = files();
        assertThat(ReadableSnapshot.settle(folder, 200, 300)).isEqualTo(100);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void the_one_before_a_damaged_one_is_taken_if_the_log_goes_on_from_it() throws Exception {
        Snapshots.in(folder, 9);
        Snapshots.damage(Snapshots.in(folder, 100));
        assertThat(ReadableSnapshot.settle(folder, 10, 100)).isEqualTo(9);
        assertThat(files()).contains("snapshot.1_9", "snapshot.1_100.damaged").doesNotContain("snapshot.1_100");
    }

    @Test
    void it_is_not_taken_if_entries_between_them_are_gone() throws Exception {
        Snapshots.in(folder, 9);
        Path latest = Snapshots.in(folder, 100);
        Snapshots.damage(latest);
        List<String> before = files();
        for (long[] log : new long[][] {{11, 200}, {5, 99}, {Long.MAX_VALUE, -1}}) {
            assertThatThrownBy(() -> ReadableSnapshot.settle(folder, log[0], log[1]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(latest.toString())
                    .hasMessageContaining("does not match its checksum");
        }
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void a_digest_that_is_missing_or_damaged_is_written_anew() throws Exception {
        Path before = Snapshots.in(folder, 9);
        Path latest = Snapshots.in(folder, 100);
        Path digest = MD5FileUtil.getDigestFileForFile(latest.toFile()).toPath();
        String right = Files.readString(digest);
        for (String wrong : List.of("", "nonsense", right.replaceAll("[0-9a-f]{32}", "0".repeat(32)))) {
            Files.writeString(digest, wrong);
            Files.writeString(MD5FileUtil.getDigestFileForFile(before.toFile()).toPath(), wrong);
            assertThat(ReadableSnapshot.settle(folder, 10, 100)).isEqualTo(100);
            assertThat(digest).hasContent(right);
        }
        Files.delete(digest);
        assertThat(ReadableSnapshot.settle(folder, 10, 100)).isEqualTo(100);
        assertThat(digest).hasContent(right);
    }
}
