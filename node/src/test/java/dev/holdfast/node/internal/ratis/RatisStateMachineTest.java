package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.internal.snapshot.SnapshotPolicy;
import dev.holdfast.node.leader.Replica;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ends this peer's part in a group, its listener hears of it. */
class RatisStateMachineTest {
    @TempDir
    static Path folder;

    private final List<Throwable> failures = new ArrayList<>();
    private final List<Long> terms = new ArrayList<>();
    private final Replica replica = new Replica();
    private final RatisStateMachine machine = new RatisStateMachine(
            replica,
            new DecodedEntries(),
            new IdleListener() {
                @Override
                public void leaderReady(long term) {
                    terms.add(term);
                }

                @Override
                public void ended(Throwable cause) {
                    failures.add(cause);
                }

                @Override
                public void failed(Throwable cause) {
                    failures.add(cause);
                }
            },
            new SnapshotPolicy(1000, 1000, 0),
            folder);

    @BeforeAll
    static void make_the_folder() throws IOException {
        Files.createDirectory(folder.resolve("current"));
    }

    /** Whatever term the peer is in by then. */
    @Test
    void it_leads_the_term_of_the_entry_with_which_it_began_to_lead() {
        machine.notifyConfigurationChanged(6, 40, RaftConfigurationProto.getDefaultInstance());
        machine.notifyTermIndexUpdated(6, 40);
        machine.notifyConfigurationChanged(7, 41, RaftConfigurationProto.getDefaultInstance());
        machine.notifyLeaderReady();
        machine.notifyTermIndexUpdated(7, 41);

        assertThat(terms).containsExactly(7L);
        assertThat(failures).isEmpty();
    }

    @Test
    void ratis_closes_it() {
        machine.close();
        assertThat(failures)
                .singleElement()
                .satisfies(cause -> assertThat(cause).hasMessageContaining("has ended this peer's part in group"));
    }

    @Test
    void an_entry_cannot_be_decoded() {
        LogEntryProto garbage = LogEntryProto.newBuilder()
                .setTerm(1)
                .setIndex(1)
                .setStateMachineLogEntry(
                        StateMachineLogEntryProto.newBuilder().setLogData(ByteString.copyFromUtf8("garbage")))
                .build();
        TransactionContext transaction = TransactionContext.newBuilder()
                .setStateMachine(machine)
                .setServerRole(RaftPeerRole.FOLLOWER)
                .setLogEntry(garbage)
                .build();
        assertThatThrownBy(() -> machine.applyTransactionSerial(transaction))
                .hasMessage("log entry 1 cannot be applied");
        assertThat(failures).hasSize(1);
    }

    @Test
    void a_snapshot_that_was_sent_cannot_be_loaded() {
        // There is no folder yet, which stands for whatever else may be thrown.
        assertThatThrownBy(machine::reinitialize).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(machine::pause).isInstanceOf(NullPointerException.class);
        assertThat(failures).hasSize(2);
    }
}
