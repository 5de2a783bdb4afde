package dev.holdfast.node.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TornTailTest {
    private static final int SEGMENT_BYTES = 64 * 1024;

    @TempDir
    Path folder;

    @Test
    void a_whole_segment_is_left_alone() throws IOException {
        byte[] segment = segment(700, 3000, 5000);
        assertThat(repaired(segment)).isEqualTo(segment);
    }

    @Test
    void an_empty_segment_is_left_alone() throws IOException {
        byte[] segment = segment();
        assertThat(repaired(segment)).isEqualTo(segment);
    }

    @Test
    void an_entry_cut_at_any_sector_is_removed_and_those_before_it_stay() throws IOException {
        byte[] before = segment(700, 3000);
        byte[] whole = segment(700, 3000, 9000);
        int start = contentEnd(before);
        for (int cut = (start / 512 + 1) * 512; cut < contentEnd(whole); cut += 512) {
            byte[] torn = whole.clone();
            Arrays.fill(torn, cut, torn.length, (byte) 0);
            assertThat(repaired(torn)).describedAs("cut at %d", cut).isEqualTo(before);
        }
    }

    @Test
    void a_damaged_entry_that_was_written_as_a_whole_is_left_for_the_log_to_refuse() throws IOException {
        byte[] whole = segment(700, 3000, 9000);
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] damaged = whole.clone();
            damaged[8 + random.nextInt(contentEnd(whole) - 16)] ^= (byte) (1 << random.nextInt(7));
            assertThat(repaired(damaged)).isEqualTo(damaged);
        }
    }

    private byte[] repaired(byte[] segment) throws IOException {
        Path file = folder.resolve("log_inprogress_0");
        Files.write(file, segment);
        OpenSegments.settleIn(folder);
        return Files.readAllBytes(file);
    }

    private static byte[] segment(int... entryBytes) {
        LogFileBuilder log = new LogFileBuilder();
        for (int length : entryBytes) {
            log.entry(length);
        }
        return log.filledUpTo(SEGMENT_BYTES);
    }

    private static int contentEnd(byte[] bytes) {
        int end = bytes.length;
        while (bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }
}
