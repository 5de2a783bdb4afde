package dev.holdfast.statemachine;

import static dev.holdfast.statemachine.Acquires.ANN;
import static dev.holdfast.statemachine.Acquires.BOB;
import static dev.holdfast.statemachine.Acquires.CAT;
import static dev.holdfast.statemachine.Acquires.MUTEX;
import static dev.holdfast.statemachine.Acquires.POOL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.holdfast.protocol.Caller;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.ProtocolVersion;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.statemachine.v1.HeaderProto;
import dev.holdfast.statemachine.v1.SnapshotPieceProto;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    private final Scenario scenario = new Scenario();
    private final TestSession one = scenario.open();
    private final TestSession two = scenario.open();

    @Test
    void a_restored_machine_continues_as_the_original_would() throws CorruptSnapshotException {
        fill();

        scenario.restart();

        one.release(MUTEX, ANN, 1);
        assertThat(two.events()).hasSize(1);
        assertThat(scenario.tickAfter(100).expiredHolds()).isEqualTo(1);
    }

    @Test
    void a_capture_holds_the_state_at_its_start() throws CorruptSnapshotException {
        fill();
        String before = scenario.hash();
        List<SnapshotImage> images = new ArrayList<>();
        SnapshotCapture capture = scenario.machine().capture();
        for (int i = 0; !capture.isComplete(); i++) {
            images.add(capture.take(1));
            one.acquire(LockableKey.mutex("new" + i), ANN);
            two.cancel(1);
            one.release(MUTEX, ANN, 1);
            scenario.tickAfter(30);
        }

        List<byte[]> pieces = new ArrayList<>();
        images.forEach(image -> pieces.addAll(image.pieces()));
        assertThat(Snapshots.restore(pieces).stateHash()).isEqualTo(before);
        assertThat(scenario.hash()).isNotEqualTo(before);
    }

    @Test
    void equal_states_give_equal_pieces() throws CorruptSnapshotException {
        fill();
        List<byte[]> first = Snapshots.takeAll(scenario.machine());
        List<byte[]> second = Snapshots.takeAll(Snapshots.restore(first));

        assertThat(second).usingRecursiveComparison().isEqualTo(first);
    }

    @Test
    void only_one_capture_is_in_progress_at_a_time_and_an_abandoned_one_is_closed() {
        SnapshotCapture abandoned = scenario.machine().capture();
        abandoned.take(1);
        assertThatThrownBy(() -> scenario.machine().capture()).isInstanceOf(IllegalStateException.class);

        abandoned.close();

        assertThat(Snapshots.takeAll(scenario.machine())).isNotEmpty();
    }

    @Test
    void a_snapshot_with_a_missing_piece_is_refused() {
        fill();
        List<byte[]> pieces = Snapshots.takeAll(scenario.machine());

        for (int missing = 0; missing < pieces.size(); missing++) {
            List<byte[]> fewer = new ArrayList<>(pieces);
            fewer.remove(missing);
            assertThatThrownBy(() -> Snapshots.restore(fewer))
                    .as("without piece %s of %s", missing, pieces.size())
                    .isInstanceOf(CorruptSnapshotException.class);
        }
    }

    @Test
    void pieces_out_of_order_are_refused() {
        fill();
        List<byte[]> pieces = new ArrayList<>(Snapshots.takeAll(scenario.machine()));
        pieces.add(pieces.get(1));

        assertThatThrownBy(() -> Snapshots.restore(pieces)).isInstanceOf(CorruptSnapshotException.class);
    }

    @Test
    void a_snapshot_of_a_newer_release_is_refused() {
        HeaderProto newerFormat = HeaderProto.newBuilder().setFormatVersion(2).build();
        HeaderProto newerSemantics =
                HeaderProto.newBuilder().setFormatVersion(1).setSemantics(99).build();
        for (HeaderProto header : List.of(newerFormat, newerSemantics)) {
            byte[] piece =
                    SnapshotPieceProto.newBuilder().setHeader(header).build().toByteArray();
            assertThatThrownBy(() -> new SnapshotRestore().accept(piece))
                    .isInstanceOf(NewerSnapshotException.class)
                    .hasMessageContaining("use a newer release");
        }
    }

    @Test
    void a_field_that_is_not_known_anywhere_in_a_snapshot_is_refused() throws IOException {
        fill();
        for (byte[] piece : Snapshots.takeAll(scenario.machine())) {
            assertThat(extensions(SnapshotPieceProto.parseFrom(piece)))
                    .hasSizeGreaterThan(1)
                    .allSatisfy(
                            extended -> assertThatThrownBy(() -> new SnapshotRestore().accept(extended.toByteArray()))
                                    .isInstanceOf(CorruptSnapshotException.class)
                                    .hasMessageMatching(".*field 99 of \\w+Proto is not known to this release.*"));
        }
    }

    /** The message with one field more: in itself, or in one of those in it. */
    private static List<Message> extensions(Message message) {
        UnknownFieldSet newer = UnknownFieldSet.newBuilder()
                .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                .build();
        List<Message> extended = new ArrayList<>();
        extended.add(message.toBuilder().setUnknownFields(newer).build());
        message.getAllFields().forEach((field, value) -> {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && field.isRepeated()) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                    for (Message inner : extensions((Message) message.getRepeatedField(field, i))) {
                        extended.add(message.toBuilder()
                                .setRepeatedField(field, i, inner)
                                .build());
                    }
                }
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                for (Message inner : extensions((Message) value)) {
                    extended.add(message.toBuilder().setField(field, inner).build());
                }
            }
        });
        return extended;
    }

    @Test
    void damaged_bytes_are_refused_or_read_but_never_crash() {
        fill();
        List<byte[]> pieces = Snapshots.takeAll(scenario.machine());
        for (long seed = 1; seed <= 2000; seed++) {
            restoreDamaged(pieces, seed);
        }
    }

    private static void restoreDamaged(List<byte[]> pieces, long seed) {
        Random random = new Random(seed);
        List<byte[]> damaged = new ArrayList<>();
        pieces.forEach(piece -> damaged.add(piece.clone()));
        byte[] piece = damaged.get(random.nextInt(damaged.size()));
        piece[random.nextInt(piece.length)] ^= (byte) (1 << random.nextInt(8));
        try {
            Snapshots.restore(damaged);
        } catch (CorruptSnapshotException e) {
            assertThat(e).as("seed %s", seed).hasMessageContaining("snapshot");
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private void fill() {
        one.acquire(MUTEX, ANN);
        two.acquireOrWait(MUTEX, BOB);
        two.acquire(LockableKey.mutex("leased"), BOB, Lease.ttl(100), 0);
        two.acquire(LockableKey.mutex("kept"), CAT, Lease.UNTIL_RELEASED, 0);
        one.acquirePermits(POOL, ANN, 2, 5);
        two.acquirePermits(POOL, ANN, 1, 5);
        two.acquirePermits(POOL, CAT, 2, 5);
        one.send(Acquires.permits(POOL, BOB, 2, 5, 50));
        TestSession named = scenario.openAs(new Caller("alice", "10.0.0.7", 77));
        named.send(new Command.PutRule(new Rule("alice", Role.LOCK, "orders/", OwnerBinding.OWNER)));
        named.send(new Command.PutRule(new Rule("@ops", Role.FORCE, "", OwnerBinding.ANY)));
        named.acquire(LockableKey.mutex("of an account"), ANN);
        String hash = "0123456789abcdef".repeat(4);
        scenario.system(
                new Command.Activate(ProtocolVersion.JOIN_TOKENS),
                new Command.OfferJoin(hash, "d", scenario.nowMs() + 1000, new Caller("root", "10.0.0.1", 78)),
                new Command.UseJoin(hash, "d", "0123456789abcdef"),
                new Command.EndJoin(hash),
                new Command.OfferJoin("f".repeat(64), "", scenario.nowMs() + 1000, Caller.NOBODY),
                new Command.WithdrawJoin("f".repeat(64), new Caller("root", "10.0.0.1", 79)));
    }

    @Test
    void rules_and_audit_of_any_size_come_in_pieces_of_a_bounded_size() throws CorruptSnapshotException {
        TestSession named = scenario.openAs(new Caller("a".repeat(255), "10.0.0.7", 77));
        for (int i = 0; i < 400; i++) {
            named.send(new Command.PutRule(new Rule("s" + i, Role.LOCK, "k".repeat(1000), OwnerBinding.OWNER)));
        }
        List<byte[]> pieces = Snapshots.takeAll(scenario.machine());

        assertThat(pieces).allSatisfy(piece -> assertThat(piece.length).isLessThan(1 << 18));
        scenario.restart();
        assertThat(scenario.machine().rules()).hasSize(400);
        assertThat(scenario.state().audit.list()).hasSize(400);
    }
}
