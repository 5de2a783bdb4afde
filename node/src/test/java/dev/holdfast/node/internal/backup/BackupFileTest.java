package dev.holdfast.node.internal.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.v1.BackupHeadProto;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import dev.holdfast.protocol.SessionId;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.v1.HeaderProto;
import dev.holdfast.statemachine.v1.SnapshotPieceProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFileTest {
    private static final String CLUSTER = "5b8f6d0e-7a4c-4a7e-9a59-0f6f2a1c3d4e";

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("a.backup");
    }

    private static LockMachine machine(long nonce) {
        LockMachine machine = new LockMachine();
        Command.OpenSession open = new Command.OpenSession(1000, "host", "name");
        var unused = machine.apply(
                nonce,
                5,
                Batch.of(new SessionBatch(new SessionId(nonce, 0), 0, 0, List.of(new SequencedCommand(0, open)))));
        return machine;
    }

    private static BackupHeadProto head(int group, int groups, LockMachine machine) {
        return BackupHeadProto.newBuilder()
                .setClusterId(CLUSTER)
                .setGroup(group)
                .setGroups(groups)
                .setAppliedIndex(machine.appliedIndex())
                .setLastToken(machine.lastToken())
                .build();
    }

    private static void write(BackupFile.Writer writer, BackupHeadProto head, LockMachine machine) throws IOException {
        writer.head(head);
        try (SnapshotCapture capture = machine.capture()) {
            while (!capture.isComplete()) {
                capture.take(100).writeTo(writer::piece);
            }
        }
    }

    private byte[] written(int... groups) throws IOException {
        try (BackupFile.Writer writer = new BackupFile.Writer(file())) {
            for (int group : groups) {
                LockMachine machine = machine(group + 1);
                write(writer, head(group, 2, machine), machine);
            }
            writer.finish();
        }
        return Files.readAllBytes(file());
    }

    private void assertRefused(byte[] content, String description) throws IOException {
        Files.write(file(), content);
        assertThatThrownBy(() -> BackupFile.read(file(), (head, machine) -> {}))
                .as(description)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file().toString());
    }

    @Test
    void what_was_written_is_read() throws IOException {
        written(0, 1);

        List<String> read = new ArrayList<>();
        BackupFile.read(file(), (head, machine) -> read.add(head.getGroup() + " " + machine.stateHash()));

        assertThat(read)
                .containsExactly(
                        "0 " + machine(1).stateHash(), "1 " + machine(2).stateHash());
    }

    @Test
    void a_group_that_broke_off_is_begun_anew() throws IOException {
        try (BackupFile.Writer writer = new BackupFile.Writer(file())) {
            LockMachine first = machine(1);
            LockMachine second = machine(2);
            write(writer, head(0, 2, first), first);
            BackupFile.Mark mark = writer.mark();
            write(writer, head(1, 2, first), first);
            writer.rewind(mark);
            write(writer, head(1, 2, second), second);
            writer.finish();
        }
        byte[] rewound = Files.readAllBytes(file());

        assertThat(rewound).isEqualTo(written(0, 1));
    }

    @Test
    void a_file_with_any_bit_turned_over_is_refused() throws IOException {
        byte[] whole = written(0, 1);
        for (int i = 0; i < whole.length; i++) {
            byte[] damaged = whole.clone();
            damaged[i] ^= (byte) (1 << i % 8);
            assertRefused(damaged, "byte " + i);
        }
    }

    @Test
    void a_file_cut_anywhere_is_refused_with_or_without_zeros_in_its_place() throws IOException {
        byte[] whole = written(0, 1);
        for (int cut = 0; cut < whole.length; cut++) {
            byte[] start = Arrays.copyOf(whole, cut);
            assertRefused(start, "cut at " + cut);
            // The last byte of the digest may be a zero.
            if (!Arrays.equals(Arrays.copyOf(start, whole.length), whole)) {
                assertRefused(Arrays.copyOf(start, whole.length), "zeros from " + cut);
            }
        }
    }

    @Test
    void a_file_with_something_behind_its_end_is_refused() throws IOException {
        byte[] whole = written(0, 1);

        assertRefused(Arrays.copyOf(whole, whole.length + 1), "a zero more");
        assertThatThrownBy(() -> BackupFile.read(file(), (head, machine) -> {}))
                .hasMessageContaining("is damaged at byte")
                .hasMessageContaining("nothing was changed");
    }

    @Test
    void a_backup_of_a_newer_release_is_not_called_damaged() throws IOException {
        int newer = ProtocolVersion.SEMANTICS + 1;
        try (BackupFile.Writer writer = new BackupFile.Writer(file())) {
            writer.head(head(0, 1, machine(1)));
            writer.piece(SnapshotPieceProto.newBuilder()
                    .setHeader(HeaderProto.newBuilder()
                            .setFormatVersion(ProtocolVersion.SNAPSHOT)
                            .setSemantics(newer))
                    .build()
                    .toByteArray());
            writer.finish();
        }

        assertThatThrownBy(() -> BackupFile.read(file(), (head, machine) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file() + " is of a newer release")
                .hasMessageContaining("semantics " + newer)
                .hasMessageContaining("use a newer release")
                .hasMessageNotContaining("damaged");
    }

    @Test
    void a_backup_without_one_of_its_groups_is_refused_whole_as_each_of_its_pieces_is() throws IOException {
        for (int[] groups : new int[][] {{0}, {1}, {0, 0}, {1, 0}, {}}) {
            assertRefused(written(groups), Arrays.toString(groups));
        }
        written(0, 1);
        assertThatCode(() -> BackupFile.read(file(), (head, machine) -> {})).doesNotThrowAnyException();
    }

    /** As when two files were mixed up, or somebody meant well: each piece is whole. */
    @Test
    void a_file_whose_digest_is_that_of_another_is_refused() throws IOException {
        LockMachine machine = machine(1);
        List<byte[]> files = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            try (BackupFile.Writer writer = new BackupFile.Writer(file())) {
                write(
                        writer,
                        head(0, 1, machine).toBuilder().setClusterName(name).build(),
                        machine);
                writer.finish();
            }
            files.add(Files.readAllBytes(file()));
        }
        byte[] mixed = files.get(0).clone();
        int end = 8 + 1 + 32;
        System.arraycopy(files.get(1), mixed.length - end, mixed, mixed.length - end, end);

        assertRefused(mixed, "mixed");
        assertThatThrownBy(() -> BackupFile.read(file(), (head, read) -> {}))
                .hasMessageContaining("its digest is another one");
    }

    @Test
    void a_head_that_does_not_fit_its_state_is_refused() throws IOException {
        LockMachine machine = machine(1);
        for (BackupHeadProto wrong : List.of(
                head(0, 1, machine).toBuilder().setAppliedIndex(7).build(),
                head(0, 1, machine).toBuilder().setLastToken(7).build())) {
            try (BackupFile.Writer writer = new BackupFile.Writer(file())) {
                write(writer, wrong, machine);
                writer.finish();
            }
            assertRefused(Files.readAllBytes(file()), wrong.toString());
        }
    }

    @Test
    void what_a_newer_release_wrote_is_refused_as_such() throws IOException {
        byte[] whole = written(0, 1);
        whole[7] = '2';
        Files.write(file(), whole);
        assertThatThrownBy(() -> BackupFile.read(file(), (head, machine) -> {}))
                .hasMessageContaining("use a newer release");

        Files.writeString(file(), "something else");
        assertThatThrownBy(() -> BackupFile.read(file(), (head, machine) -> {}))
                .hasMessageContaining("is not a backup of Holdfast");
    }
}
