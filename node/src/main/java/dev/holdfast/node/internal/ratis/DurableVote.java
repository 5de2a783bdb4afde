package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.snapshot.Fsync;
import java.io.IOException;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.ProtoUtils;

/**
 * Puts this member's vote on the disk before another member hears of it. Ratis syncs the file with the term and the vote and then gives
 * it its name, but does not sync the folder: a loss of power may bring the earlier file back, and the member would vote twice in one term.
 */
final class DurableVote {
    /** Blocks until what Ratis has written down for that election is on the disk. For a pre-vote it writes nothing. */
    static void sync(RaftServer server, RequestVoteRequestProto request) throws IOException {
        if (!request.getPreVote()) {
            RaftRpcRequestProto header = request.getServerRequest();
            Fsync.folder(server.getDivision(ProtoUtils.toRaftGroupId(header.getRaftGroupId()))
                    .getRaftStorage()
                    .getStorageDir()
                    .getCurrentDir()
                    .toPath());
        }
    }

    private DurableVote() {}
}
