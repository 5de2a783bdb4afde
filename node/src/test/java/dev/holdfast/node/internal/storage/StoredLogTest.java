package dev.holdfast.node.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredLogTest {
    private static final String CLOSED = "log_0-2";
    private static final String OPEN = "log_inprogress_3";

    @TempDir
    Path folder;

    private static LogFileBuilder closed() {
        return new LogFileBuilder(1, 0).entry(100).entry(700).entry(3000);
    }

    private static LogFileBuilder open() {
        return new LogFileBuilder(2, 3).entry(500).entry(5000);
    }

    private StoredLog read(byte[] closed, byte[] open) throws IOException {
        Files.write(folder.resolve(CLOSED), closed);
        Files.write(folder.resolve(OPEN), open);
        return StoredLog.in(folder);
    }

    private StoredLog whole() throws IOException {
        return read(closed().bytes(), open().filledUpTo(1 << 16));
    }

    @Test
    void a_folder_without_a_log_has_none() throws IOException {
        for (Path empty : new Path[] {folder, folder.resolve("none")}) {
            StoredLog log = StoredLog.in(empty);
            assertThat(log.first()).isEqualTo(Long.MAX_VALUE);
            assertThat(log.last()).isEqualTo(EntryId.NONE);
            assertThat(log.damage()).isNull();
        }
    }

    @Test
    void a_whole_log_is_read_from_its_first_to_its_last_entry() throws IOException {
        StoredLog log = whole();
        assertThat(log.damage()).isNull();
        assertThat(log.first()).isZero();
        assertThat(log.last()).isEqualTo(new EntryId(2, 4));
        assertThat(log.segments())
                .extracting(segment -> String.valueOf(segment.file().getFileName()))
                .containsExactly(CLOSED, OPEN);
    }

    @Test
    void an_open_file_may_be_blank_or_have_no_entries() throws IOException {
        byte[] header = new LogFileBuilder().bytes();
        for (byte[] open : new byte[][] {{}, new byte[1000], Arrays.copyOf(Arrays.copyOf(header, 5), 1000), header}) {
            StoredLog log = read(closed().bytes(), open);
            assertThat(log.damage()).isNull();
            assertThat(log.last()).isEqualTo(new EntryId(1, 2));
        }
    }

    @Test
    void any_bit_turned_over_in_a_closed_file_is_found_where_its_entry_begins() throws IOException {
        byte[] whole = closed().bytes();
        int second = new LogFileBuilder(1, 0).entry(100).size();
        int third = new LogFileBuilder(1, 0).entry(100).entry(700).size();
        Random random = new Random(1);
        for (int i = 0; i < 100; i++) {
            byte[] damaged = whole.clone();
            int at = random.nextInt(whole.length);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Damage damage = read(damaged, open().bytes()).damage();
            assertThat(damage).as("byte %d", at).isNotNull();
            assertThat(damage.file()).isEqualTo(folder.resolve(CLOSED));
            assertThat(damage.offset()).isEqualTo(at < 8 ? 0 : at < second ? 8 : at < third ? second : third);
        }
    }

    @Test
    void an_entry_that_lacks_sectors_is_torn_and_one_that_lacks_less_is_damaged() throws IOException {
        byte[] whole = open().filledUpTo(1 << 16);
        int second = new LogFileBuilder(2, 3).entry(500).size();
        byte[] atBoundary = whole.clone();
        Arrays.fill(atBoundary, 2048, whole.length, (byte) 0);
        StoredLog log = read(closed().bytes(), atBoundary);
        assertThat(log.damage()).isNull();
        assertThat(log.last()).isEqualTo(new EntryId(2, 3));

        byte[] sectorInTheMiddle = whole.clone();
        Arrays.fill(sectorInTheMiddle, 2048, 2560, (byte) 0);
        log = read(closed().bytes(), sectorInTheMiddle);
        assertThat(log.damage()).isNull();
        assertThat(log.last()).isEqualTo(new EntryId(2, 3));

        byte[] less = whole.clone();
        Arrays.fill(less, 2048, 2559, (byte) 0);
        Damage damage = read(closed().bytes(), less).damage();
        assertThat(damage).isNotNull();
        assertThat(damage.offset()).isEqualTo(second);
        assertThat(damage)
                .hasToString(folder.resolve(OPEN) + " is damaged at byte " + second
                        + ": entry 4 does not match its checksum");
    }

    @Test
    void a_closed_file_that_is_too_short_is_damaged() throws IOException {
        byte[] twoEntries = new LogFileBuilder(1, 0).entry(100).entry(700).bytes();
        StoredLog log = read(twoEntries, open().bytes());
        assertThat(log.damage())
                .isEqualTo(new Damage(
                        folder.resolve(CLOSED),
                        twoEntries.length,
                        "it ends before entry 2, and should go on to entry 2"));
        assertThat(log.last()).isEqualTo(new EntryId(1, 1));
    }

    @Test
    void a_file_that_is_missing_is_damage() throws IOException {
        whole();
        Files.write(
                folder.resolve("log_inprogress_9"),
                new LogFileBuilder(3, 9).entry(10).bytes());
        Files.delete(folder.resolve(OPEN));
        Damage damage = StoredLog.in(folder).damage();
        assertThat(damage).isNotNull();
        assertThat(damage.what()).isEqualTo("it begins at entry 9, but the file before it ends at entry 2");
    }
}
