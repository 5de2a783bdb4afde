package dev.holdfast.node.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableNamesTest {
    private static final FileTime CHANGED = FileTime.fromMillis(1_000_000);
    private static final FileTime CHANGED_AGAIN = FileTime.fromMillis(1_000_004);

    @TempDir
    Path folder;

    private long now;
    private final List<Path> synced = new ArrayList<>();

    private DurableNames names() {
        return new DurableNames(folder, synced::add, () -> now);
    }

    private int syncs(DurableNames names) throws IOException {
        synced.clear();
        names.sync();
        assertThat(synced).allMatch(folder::equals);
        return synced.size();
    }

    @Test
    void a_folder_is_synced_after_each_change_and_not_for_ever() throws IOException {
        DurableNames names = names();
        Files.setLastModifiedTime(folder, CHANGED);
        assertThat(syncs(names)).isEqualTo(1);
        now += DurableNames.STEP_NANOS + 1;
        assertThat(syncs(names)).isEqualTo(1);
        assertThat(syncs(names)).isZero();

        Files.setLastModifiedTime(folder, CHANGED_AGAIN);
        assertThat(syncs(names)).isEqualTo(1);
        now += DurableNames.STEP_NANOS + 1;
        assertThat(syncs(names)).isEqualTo(1);
        assertThat(syncs(names)).isZero();
    }

    @Test
    void a_second_change_in_the_same_step_of_the_file_system_s_clock_is_not_missed() throws IOException {
        DurableNames names = names();
        Files.setLastModifiedTime(folder, CHANGED);
        assertThat(syncs(names)).isEqualTo(1);

        // Another file may have come meanwhile, and the time is the same.
        now += DurableNames.STEP_NANOS;
        assertThat(syncs(names)).isEqualTo(1);
    }

    @Test
    void a_sync_that_fails_is_done_again() throws IOException {
        List<IOException> failures = new ArrayList<>(List.of(new IOException("disk")));
        DurableNames names = new DurableNames(
                folder,
                synced -> {
                    now += DurableNames.STEP_NANOS + 1;
                    if (!failures.isEmpty()) {
                        throw failures.remove(0);
                    }
                    this.synced.add(synced);
                },
                () -> now);
        Files.setLastModifiedTime(folder, CHANGED);

        assertThatThrownBy(names::sync).hasMessage("disk");
        assertThat(syncs(names)).isEqualTo(1);
        assertThat(syncs(names)).isZero();
    }
}
