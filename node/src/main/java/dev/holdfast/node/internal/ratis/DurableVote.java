package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.snapshot.Fsync;
import java.io.IOException;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.ProtoUtils;

/**
 * What has to be on the disk before this member asks for votes, or gives its own.
 *
 * <p>Puts this member's vote on the disk before another member hears of it. Ratis syncs the file with the term and the vote and then gives
 * it its name, but does not sync the folder: a loss of power may bring the earlier file back, and the member would vote twice in one term.
 */
final class DurableVote {
    private static final long SETTLES_WITHIN_MS = 500;

    /**
     * For a candidate, which has voted for itself. It counts on what its log says of itself once it leads. Blocks.
     *
     * @throws IOException if its log has yet to write what this member was sent before: it must not lead now
     */
    static void beforeAsking(RaftServer server, RequestVoteRequestProto request) throws IOException {
        if (!request.getPreVote()) {
            RatisStateMachine.appends(server, group(request)).awaitSettled(SETTLES_WITHIN_MS);
        }
        sync(server, request);
    }

    private static RaftGroupId group(RequestVoteRequestProto request) {
        return ProtoUtils.toRaftGroupId(request.getServerRequest().getRaftGroupId());
    }

    /** Blocks until what Ratis has written down for that election is on the disk. For a pre-vote it writes nothing. */
    static void sync(RaftServer server, RequestVoteRequestProto request) throws IOException {
        if (!request.getPreVote()) {
            Fsync.folder(server.getDivision(group(request))
                    .getRaftStorage()
                    .getStorageDir()
                    .getCurrentDir()
                    .toPath());
        }
    }

    private DurableVote() {}
}
