package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.transport.Reason;
import dev.holdfast.node.internal.transport.RefusedException;
import dev.holdfast.node.leader.LogEntry;
import dev.holdfast.protocol.codec.MalformedMessageException;
import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.FileChunkProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.raftlog.LogProtoUtils;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.util.ProtoUtils;

/**
 * What is checked of a message before Ratis sees it: that it comes from the member that the connection proved to be, is meant for
 * this one, and says nothing that no member would say. What is wrong here would otherwise stop this peer, or stay in its log for
 * ever.
 *
 * <p>See {@code docs/adr/013-a-transport-of-our-own.md}.
 */
final class MessageChecks {
    /** Nobody stands for election so often between two messages; a later term would use up the numbers that there are. */
    private static final long TERMS_AHEAD_MAX = 1_000_000_000;

    /** Ratis would stop at any other when it applies the entry. */
    private static final int CLIENT_ID_BYTES = 16;

    private static final Path SNAPSHOTS = Path.of("sm");

    private final String self;

    MessageChecks(String self) {
        this.self = self;
    }

    /** The group of which it speaks. */
    RaftGroupId group(String from, RaftRpcRequestProto header) throws RefusedException {
        if (!RaftPeerId.valueOf(header.getRequestorId()).toString().equals(from)) {
            throw forged(from, "it speaks for member " + header.getRequestorId().toStringUtf8());
        }
        if (!RaftPeerId.valueOf(header.getReplyId()).toString().equals(self)) {
            throw forged(from, "it speaks to member " + header.getReplyId().toStringUtf8());
        }
        return ProtoUtils.toRaftGroupId(header.getRaftGroupId());
    }

    /** @param known the latest term that this peer knows */
    void term(String from, long term, long known) throws RefusedException {
        if (term < 0 || term - known > TERMS_AHEAD_MAX) {
            throw forged(from, "it speaks of term " + term + ", and this peer knows term " + known);
        }
    }

    /** Checks the entries, and keeps what they are decoded to for the time when they are applied. */
    void entries(String from, AppendEntriesRequestProto request, DecodedEntries decoded) throws RefusedException {
        List<LogEntryProto> entries = request.getEntriesList();
        for (int i = 0; i < entries.size(); i++) {
            LogEntryProto entry = entries.get(i);
            long index = entry.getIndex();
            if (index < 0 || index != entries.get(0).getIndex() + i) {
                throw forged(from, "entry " + index + " is out of place");
            }
            if (entry.getTerm() < 0 || entry.getTerm() > request.getLeaderTerm()) {
                throw forged(
                        from,
                        "entry " + index + " is of term " + entry.getTerm() + ", and its leader of term "
                                + request.getLeaderTerm());
            }
            body(from, entry, decoded);
        }
        if (request.hasPreviousLog()
                && !entries.isEmpty()
                && request.getPreviousLog().getIndex() + 1 != entries.get(0).getIndex()) {
            throw forged(
                    from,
                    "entry " + entries.get(0).getIndex() + " comes after entry "
                            + request.getPreviousLog().getIndex());
        }
    }

    private static void body(String from, LogEntryProto entry, DecodedEntries decoded) throws RefusedException {
        switch (entry.getLogEntryBodyCase()) {
            case STATEMACHINELOGENTRY -> {
                StateMachineLogEntryProto written = entry.getStateMachineLogEntry();
                if (written.getClientId().size() != CLIENT_ID_BYTES
                        || written.getType() != StateMachineLogEntryProto.Type.WRITE
                        || written.hasStateMachineEntry()) {
                    throw forged(from, "entry " + entry.getIndex() + " is not as leaders write them");
                }
                ByteString data = written.getLogData();
                try {
                    decoded.put(entry.getIndex(), data, LogEntry.decode(data.toByteArray()));
                } catch (MalformedMessageException | RuntimeException e) {
                    throw forged(from, "entry " + entry.getIndex() + " cannot be read: " + e.getMessage());
                }
            }
            case CONFIGURATIONENTRY -> {
                if (entry.getConfigurationEntry().getPeersCount() == 0) {
                    throw forged(from, "entry " + entry.getIndex() + " names no members");
                }
                try {
                    LogProtoUtils.toRaftConfiguration(entry);
                } catch (RuntimeException e) {
                    throw forged(
                            from, "the members in entry " + entry.getIndex() + " cannot be read: " + e.getMessage());
                }
            }
            case METADATAENTRY -> {}
            case LOGENTRYBODY_NOT_SET -> throw forged(from, "entry " + entry.getIndex() + " is empty");
        }
    }

    /** Its files are written before they can be read, so they may be nowhere but where snapshots are. */
    void piece(String from, InstallSnapshotRequestProto request) throws RefusedException {
        if (!request.hasSnapshotChunk()) {
            throw forged(from, "a message of a snapshot without a piece of it");
        }
        if (request.hasLastRaftConfigurationLogEntryProto()
                && request.getLastRaftConfigurationLogEntryProto()
                                .getConfigurationEntry()
                                .getPeersCount()
                        == 0) {
            throw forged(from, "a snapshot of no members");
        }
        for (FileChunkProto chunk : request.getSnapshotChunk().getFileChunksList()) {
            Path file = Path.of(chunk.getFilename());
            if (file.isAbsolute()
                    || !SNAPSHOTS.equals(file.normalize().getParent())
                    || !file.equals(file.normalize())) {
                throw forged(from, "a snapshot's file \"" + chunk.getFilename() + "\"");
            }
        }
    }

    private static RefusedException forged(String from, String what) {
        return new RefusedException(Reason.FORGED, "no member says so, but " + from + " did: " + what);
    }
}
