package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredGroupTest {
    @TempDir
    Path group;

    private Path current;

    @BeforeEach
    void formatted() throws IOException {
        current = Files.createDirectories(group.resolve("current"));
        Files.writeString(current.resolve("raft-meta"), "term=3\nvotedFor=a\n");
    }

    @Test
    void a_list_of_members_of_which_a_full_disk_left_a_part_is_deleted() throws IOException {
        byte[] whole = LogEntryProto.newBuilder()
                .setTerm(1)
                .setConfigurationEntry(RaftConfigurationProto.getDefaultInstance())
                .build()
                .toByteArray();
        Path file = Files.write(current.resolve("raft-meta.conf"), whole);
        StoredGroup.prepare(group);
        assertThat(file).hasBinaryContent(whole);
        for (byte[] part : new byte[][] {{}, {whole[0]}, {whole[0], whole[1]}}) {
            Files.write(file, part);
            StoredGroup.prepare(group);
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void a_vote_that_cannot_be_read_is_refused_with_what_to_do() throws IOException {
        Path file = Files.write(current.resolve("raft-meta"), new byte[0]);
        assertThatThrownBy(() -> StoredGroup.prepare(group))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("docs/operations.md");
        assertThat(file).isEmptyFile();
    }
}
