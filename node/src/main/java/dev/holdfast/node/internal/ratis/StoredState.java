package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.snapshot.ReadableSnapshot;
import dev.holdfast.node.internal.snapshot.SnapshotFile;
import dev.holdfast.node.internal.storage.Acknowledged;
import dev.holdfast.node.internal.storage.StoredLog;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.protocol.codec.MalformedMessageException;
import dev.holdfast.statemachine.CorruptSnapshotException;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;

/**
 * What all that a group's folder has, which nobody uses, comes to: its latest snapshot and every entry of the log behind it, whether it
 * was committed or not.
 *
 * @param machine the state
 * @param index of the last entry; -1 if there is none
 * @param term of that entry; -1 if there is none
 * @param committed the highest entry that this peer noted to be committed, as far as it did; -1 if it did not
 */
public record StoredState(LockMachine machine, long index, long term, long committed) {

    /**
     * Reads a group. Mends before what a start would mend: what a kill, a power failure or a full disk may have left.
     *
     * @throws IOException if something is damaged; the message says what, in words that stand alone
     */
    public static StoredState read(Path group) throws IOException {
        StoredGroup.prepare(group);
        List<ReadableSnapshot.Stored> snapshots = ReadableSnapshot.in(group.resolve("sm"));
        Replay replay = new Replay();
        if (!snapshots.isEmpty()) {
            replay.begin(snapshots.get(0));
        }
        StoredLog.in(group.resolve("current")).forEachEntry(replay::apply);
        return new StoredState(replay.machine, replay.index, replay.term, new Acknowledged(group).read());
    }

    private static final class Replay {
        private LockMachine machine = new LockMachine();
        private long index = -1;
        private long term = -1;

        void begin(ReadableSnapshot.Stored snapshot) throws IOException {
            try {
                machine = SnapshotFile.read(snapshot.file());
            } catch (CorruptSnapshotException e) {
                throw new IOException("snapshot " + snapshot.file() + " cannot be read: " + e.getMessage(), e);
            }
            index = snapshot.index();
            term = snapshot.term();
        }

        void apply(byte[] bytes) throws IOException {
            LogEntryProto proto = LogEntryProto.parseFrom(bytes);
            if (proto.getIndex() <= index) {
                return;
            }
            index = proto.getIndex();
            term = proto.getTerm();
            if (!proto.hasStateMachineLogEntry()) {
                machine.skipTo(index);
                return;
            }
            try {
                LogEntry entry = LogEntry.decode(
                                proto.getStateMachineLogEntry().getLogData().toByteArray())
                        .in(term);
                machine.apply(index, entry.stampMs(), entry.batch());
            } catch (MalformedMessageException | RuntimeException e) {
                throw new IOException("log entry " + index + " cannot be applied: " + e.getMessage(), e);
            }
        }
    }
}
