package dev.holdfast.node.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
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

    /** A disk writes what it was not told to sync in any order, in whole sectors. */
    @Test
    void whatever_sectors_of_what_was_not_synced_a_disk_wrote_the_entries_before_the_first_lost_one_stay()
            throws IOException {
        int synced = contentEnd(segment(700, 3000));
        byte[] whole = segment(700, 3000, 300, 9000, 700, 2000);
        List<byte[]> left = List.of(
                segment(700, 3000),
                segment(700, 3000, 300),
                segment(700, 3000, 300, 9000),
                segment(700, 3000, 300, 9000, 700),
                whole);
        Random random = new Random(1);
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            byte[] found = whole.clone();
            int lostOfTen = random.nextInt(3);
            for (int from = synced; from < contentEnd(whole); from = (from / 512 + 1) * 512) {
                if (random.nextInt(10) < lostOfTen) {
                    Arrays.fill(found, from, (from / 512 + 1) * 512, (byte) 0);
                }
            }
            int expected = 0;
            while (expected < left.size() - 1
                    && Arrays.equals(
                            found,
                            0,
                            contentEnd(left.get(expected + 1)),
                            left.get(expected + 1),
                            0,
                            contentEnd(left.get(expected + 1)))) {
                expected++;
            }
            seen.add(expected);
            assertThat(repaired(found)).describedAs("round %d", i).isEqualTo(left.get(expected));
        }
        assertThat(seen).hasSize(left.size());
    }

    @Test
    void what_is_known_to_have_been_acknowledged_is_left_for_the_log_to_refuse() throws IOException {
        byte[] found = segment(700, 3000, 9000);
        Arrays.fill(found, 1024, 1536, (byte) 0);

        assertThat(repaired(found, 1)).isEqualTo(found);
        assertThat(repaired(found, 0)).isEqualTo(segment(700));
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
        return repaired(segment, -1);
    }

    private byte[] repaired(byte[] segment, long acknowledged) throws IOException {
        Path file = folder.resolve("log_inprogress_0");
        Files.write(file, segment);
        OpenSegments.settleIn(folder, acknowledged);
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
