package dev.holdfast.node.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.statemachine.CorruptSnapshotException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.ratis.util.MD5FileUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotFileTest {
    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("snapshot.1_5");
    }

    @Test
    void a_whole_file_is_verified_and_its_digest_is_that_of_ratis() throws Exception {
        Snapshots.write(file(), Snapshots.pieces());
        assertThat(SnapshotFile.verify(file())).isEqualTo(MD5FileUtil.computeMd5ForFile(file().toFile()));
        assertThat(SnapshotFile.read(file())).isNotNull();
    }

    @Test
    void a_piece_that_nobody_could_read_is_not_written() throws IOException {
        try (SnapshotFile.Writer writer = new SnapshotFile.Writer(file())) {
            assertThatThrownBy(() -> writer.write(new byte[0])).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> writer.write(new byte[Pieces.WRITTEN_BYTES_MAX + 1]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(Pieces.WRITTEN_BYTES_MAX + " bytes");
        }
    }

    @Test
    void a_file_with_any_bit_turned_over_is_refused() throws Exception {
        byte[] whole = Files.readAllBytes(Snapshots.write(file(), Snapshots.pieces()));
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= 4;
            Files.write(file(), damaged);
            assertThatThrownBy(() -> SnapshotFile.verify(file()))
                    .as("byte %d", i)
                    .isInstanceOf(CorruptSnapshotException.class);
        }
    }

    @Test
    void a_file_cut_anywhere_is_refused_with_or_without_zeros_in_its_place() throws Exception {
        byte[] whole = Files.readAllBytes(Snapshots.write(file(), Snapshots.pieces()));
        for (int cut = 0; cut < whole.length; cut++) {
            byte[] start = Arrays.copyOf(whole, cut);
            for (byte[] damaged : List.of(start, Arrays.copyOf(start, whole.length + 8))) {
                Files.write(file(), damaged);
                assertThatThrownBy(() -> SnapshotFile.verify(file()))
                        .as("cut at %d", cut)
                        .isInstanceOf(CorruptSnapshotException.class);
            }
        }
    }
}
