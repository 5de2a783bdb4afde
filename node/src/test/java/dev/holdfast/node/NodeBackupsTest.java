package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.node.gateway.LocalLeader;
import dev.holdfast.node.internal.access.Principal;
import dev.holdfast.node.internal.port.BackupSource.Permission;
import dev.holdfast.node.internal.port.BackupSource.Taken;
import dev.holdfast.node.internal.transport.Refusals;
import dev.holdfast.node.leader.LeaderTerm;
import dev.holdfast.node.leader.Replica;
import dev.holdfast.node.leader.ReplicatedLog;
import dev.holdfast.protocol.Batch;
import dev.holdfast.protocol.Command;
import dev.holdfast.statemachine.Applied;
import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import dev.holdfast.statemachine.SnapshotRestore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeBackupsTest {
    private static final String CLUSTER = "5b8f6d0e-7a4c-4a7e-9a59-0f6f2a1c3d4e";
    private static final Principal ADMIN = new Principal("root", Set.of());

    @TempDir
    Path folder;

    private final ManualTimers timers = new ManualTimers();
    private final Replica replica = new Replica();
    private final LocalLeader local = new LocalLeader();
    private CompletableFuture<Void> confirmation = new CompletableFuture<>();

    private final ReplicatedLog log = new ReplicatedLog() {
        @Override
        public CompletableFuture<Applied> append(long term, long stampMs, Batch batch) {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Void> confirmLeadership(long term) {
            return confirmation;
        }
    };

    private NodeBackups backups() {
        return new NodeBackups(
                () -> CLUSTER,
                "test",
                "a",
                folder,
                List.of(new NodeBackups.Group(local, replica)),
                ADMIN::equals,
                new Refusals("a"),
                () -> Instant.EPOCH);
    }

    private void lead() {
        local.begin(new LeaderTerm(1, replica, log, timers));
    }

    private static CompletableFuture<Permission> ask(NodeBackups backups) {
        return backups.permit(ADMIN, "", "", 0);
    }

    private static void assertFails(CompletableFuture<Permission> asked, Kind kind) {
        assertThat(asked).isCompletedExceptionally();
        assertThat(TransportException.of(
                                asked.handle((permission, failure) -> failure).join())
                        .kind())
                .isEqualTo(kind);
    }

    private static LockMachine restored(Taken taken) throws Exception {
        SnapshotRestore restore = new SnapshotRestore();
        for (byte[] piece = taken.next(); piece != null; piece = taken.next()) {
            restore.accept(piece);
        }
        return restore.finish();
    }

    private static Batch tick() {
        return Batch.ofSystem(new Command.Tick());
    }

    @Test
    void a_leader_that_cannot_confirm_that_it_leads_gives_none() {
        lead();
        CompletableFuture<Permission> asked = ask(backups());
        assertThat(asked).isNotDone();

        confirmation.completeExceptionally(new TransportException(Kind.NO_LEADER, "no majority answers"));

        assertFails(asked, Kind.NO_LEADER);
    }

    @Test
    void one_that_is_deposed_while_it_asks_gives_none() {
        lead();
        CompletableFuture<Permission> asked = ask(backups());

        local.end();
        confirmation.complete(null);

        assertFails(asked, Kind.NO_LEADER);
    }

    @Test
    void a_peer_that_does_not_lead_gives_none() {
        assertFails(ask(backups()), Kind.NO_LEADER);
    }

    @Test
    void only_an_admin_has_one_and_only_of_that_cluster_and_of_a_group_that_there_is() {
        lead();
        NodeBackups backups = backups();

        assertFails(backups.permit(new Principal("ann", Set.of()), "", "", 0), Kind.FORBIDDEN);
        assertFails(backups.permit(ADMIN, "", "another", 0), Kind.REFUSED);
        assertFails(backups.permit(ADMIN, "", CLUSTER, 1), Kind.REFUSED);
        assertFails(backups.permit(ADMIN, "", CLUSTER, -1), Kind.REFUSED);
        assertThat(backups.permit(ADMIN, "", CLUSTER, 0)).isNotDone();
    }

    @Test
    void it_is_the_state_when_it_was_taken_and_leaves_nothing_behind() throws Exception {
        lead();
        confirmation.complete(null);
        var unused = replica.apply(1, 10, tick());
        String before = replica.read(LockMachine::stateHash);

        try (Taken taken = ask(backups()).join().take()) {
            unused = replica.apply(2, 20, tick());

            assertThat(restored(taken).stateHash()).isEqualTo(before);
            assertThat(taken.head().getAppliedIndex()).isEqualTo(1);
            assertThat(taken.head().getClusterId()).isEqualTo(CLUSTER);
        }

        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void while_one_is_read_a_snapshot_can_be_taken_but_no_other_backup() throws Exception {
        lead();
        confirmation.complete(null);
        NodeBackups backups = backups();
        try (Taken taken = ask(backups).join().take()) {
            assertThat(taken.next()).isNotNull();
            assertThat(replica.read(LockMachine::isCaptured)).isFalse();
            assertThatThrownBy(() -> ask(backups).join().take())
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("another backup of group 0");
        }

        try (Taken next = ask(backups).join().take()) {
            assertThat(restored(next)).isNotNull();
        }
    }

    @Test
    void while_a_snapshot_is_taken_it_is_busy_and_the_snapshot_goes_on() throws IOException {
        lead();
        confirmation.complete(null);
        SnapshotCapture snapshot = replica.read(LockMachine::capture);
        NodeBackups backups = backups();
        assertThatThrownBy(() -> ask(backups).join().take())
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("a snapshot of group 0");

        List<byte[]> pieces = replica.read(machine -> snapshot.take(1).pieces());
        assertThat(pieces).isNotEmpty();
        snapshot.close();
        ask(backups).join().take().close();
    }
}
