package dev.holdfast.node.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeSpaceTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private long left;

    private FreeSpace space(Path where) {
        return new FreeSpace(where, each -> left);
    }

    @Test
    void a_start_needs_some_space_for_each_group_and_leaves_no_trace() throws IOException {
        left = 32 * MIB - 1;
        space(folder).checkForStart(2);
        assertThatThrownBy(() -> space(folder).checkForStart(3))
                .isInstanceOf(IOException.class)
                .hasMessage("the disk of the data folder " + folder
                        + " has 31 MiB left, and a start needs 32 MiB. Free some"
                        + " and start it again; nothing was changed");
        left++;
        space(folder).checkForStart(3);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void what_cannot_be_written_is_found_though_there_should_be_space() {
        left = 1000 * MIB;
        assertThatThrownBy(() -> space(folder.resolve("none")).checkForStart(1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is full")
                .hasMessageContaining("a start needs 16 MiB");
    }

    @Test
    void a_peer_that_runs_goes_on_as_long_as_something_can_be_written() throws IOException {
        left = 0;
        space(folder).checkWhileRunning();
        assertThat(folder).isEmptyDirectory();
        Path none = folder.resolve("none");
        assertThatThrownBy(() -> space(none).checkWhileRunning())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is full");
        left = 2 * MIB;
        space(none).checkWhileRunning();
        assertThat(Files.exists(none)).isFalse();
    }

    @Test
    void a_peer_goes_on_if_it_cannot_find_out() throws IOException {
        new FreeSpace(folder, each -> {
                    throw new IOException("no answer");
                })
                .checkWhileRunning();
    }

    @Test
    void it_knows_what_was_left_when_it_looked_last() throws IOException {
        AtomicReference<IOException> failure = new AtomicReference<>();
        left = 5 * MIB;
        FreeSpace space = new FreeSpace(folder, each -> {
            if (failure.get() != null) {
                throw failure.get();
            }
            return left;
        });
        assertThat(space.latestBytes()).isEmpty();
        space.checkWhileRunning();
        left = 3 * MIB;
        assertThat(space.latestBytes()).hasValue(5L * MIB);
        space.checkWhileRunning();
        assertThat(space.latestBytes()).hasValue(3L * MIB);
        failure.set(new IOException("no answer"));
        space.checkWhileRunning();
        assertThat(space.latestBytes()).isEmpty();
    }
}
