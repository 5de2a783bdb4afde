package dev.holdfast.node.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsTest {
    @TempDir
    Path raft;

    private Path group;
    private Path current;

    @BeforeEach
    void new_folder() throws IOException {
        group = raft.resolve("group");
        current = Files.createDirectories(group.resolve("current"));
    }

    private List<String> findings(long snapshot) throws IOException {
        return Findings.in(group, StoredLog.in(current), snapshot);
    }

    /** With entries 5 to 7. */
    private void log() throws IOException {
        Files.writeString(current.resolve("raft-meta"), "#\n#now\nterm=3\nvotedFor=a\n");
        Files.write(
                current.resolve("log_inprogress_5"),
                new LogFileBuilder(1, 5).entry(10).entry(20).entry(30).bytes());
    }

    @Test
    void a_new_folder_is_sound() throws IOException {
        assertThat(findings(-1)).isEmpty();
    }

    @Test
    void a_log_that_goes_on_from_a_snapshot_is_sound() throws IOException {
        log();
        assertThat(findings(4)).isEmpty();
        assertThat(findings(7)).isEmpty();
        assertThat(findings(100)).isEmpty();
    }

    @Test
    void a_log_without_its_beginning_is_not() throws IOException {
        log();
        assertThat(findings(3))
                .containsExactly(
                        "the log in " + current + " begins at entry 5, and there is no snapshot of entries 4 to 4");
        assertThat(findings(-1))
                .containsExactly(
                        "the log in " + current + " begins at entry 5, and there is no snapshot of what came before");
    }

    @Test
    void a_log_that_ends_before_what_was_acknowledged_was_cut_back() throws IOException {
        log();
        new Acknowledged(group).write(7);
        assertThat(findings(4)).isEmpty();
        new Acknowledged(group).write(9);
        assertThat(findings(4)).singleElement().asString().contains("ends at entry 7,", "entries up to 9:");
        // The snapshot has them.
        assertThat(findings(9)).isEmpty();
    }

    @Test
    void a_folder_that_was_emptied_or_deleted_is_noticed() throws IOException {
        new Acknowledged(group).write(0);
        assertThat(findings(-1)).singleElement().asString().contains("ends at entry -1");
        Files.delete(current);
        Files.delete(group);
        assertThat(findings(-1)).hasSize(1);
    }

    @Test
    void a_mark_that_cannot_be_read_proves_nothing() throws IOException {
        log();
        new Acknowledged(group).write(9);
        Path mark = raft.resolve("group" + Acknowledged.SUFFIX);
        byte[] bytes = Files.readAllBytes(mark);
        bytes[6] ^= 1;
        Files.write(mark, bytes);
        assertThat(findings(4)).isEmpty();
        Files.write(mark, new byte[3]);
        assertThat(findings(4)).isEmpty();
    }

    @Test
    void a_vote_that_cannot_be_read_is_damage() throws IOException {
        log();
        Path meta = current.resolve("raft-meta");
        for (String content : List.of("", "term=3", "votedFor=a", "term=x\nvotedFor=a", "\\u00zz")) {
            Files.writeString(meta, content);
            assertThat(findings(4)).as(content).singleElement().asString().startsWith(meta + " is damaged at byte 0");
        }
        Files.delete(meta);
        assertThat(findings(4)).singleElement().asString().contains("it is missing");
    }
}
