package dev.holdfast.node.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentSnapshotTest {
    @TempDir
    Path group;

    private void file(String name) throws IOException {
        Path file = group.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, name);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(group)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> group.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void a_folder_without_traces_stays_as_it_is() throws IOException {
        file("sm/snapshot.1_5");
        file("current/log_inprogress_6");

        SentSnapshot.settle(group);
        SentSnapshot.settle(group.resolve("none"));

        assertThat(files()).containsExactly("current/log_inprogress_6", "sm/snapshot.1_5");
    }

    @Test
    void old_snapshots_are_put_back_where_the_new_one_had_not_taken_their_place() throws IOException {
        file("sm.tmp20260102-030405/snapshot.1_5");
        file("tmp/snapshot-1234/snapshot.1_50");

        SentSnapshot.settle(group);

        assertThat(files()).containsExactly("sm/snapshot.1_5");
        assertThat(group.resolve("sm/snapshot.1_5")).hasContent("sm.tmp20260102-030405/snapshot.1_5");
    }

    @Test
    void of_several_that_were_moved_aside_the_latest_is_put_back() throws IOException {
        for (int day = 1; day <= 9; day++) {
            file("sm.tmp2026010" + day + "-030405/snapshot.1_" + day);
        }

        SentSnapshot.settle(group);

        assertThat(files()).containsExactly("sm/snapshot.1_9");
    }

    @Test
    void what_a_new_one_has_replaced_goes() throws IOException {
        file("sm/snapshot.1_50");
        file("sm.tmp20260102-030405/snapshot.1_5");

        SentSnapshot.settle(group);

        assertThat(files()).containsExactly("sm/snapshot.1_50");
    }

    @Test
    void parts_of_one_that_was_not_sent_to_its_end_go() throws IOException {
        file("sm/snapshot.1_5");
        file("tmp/snapshot-1234/snapshot.1_50");

        SentSnapshot.settle(group);

        assertThat(files()).containsExactly("sm/snapshot.1_5");
    }
}
