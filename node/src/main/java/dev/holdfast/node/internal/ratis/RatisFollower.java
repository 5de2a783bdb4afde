package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.leadership.LeaderWatch;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import org.apache.ratis.proto.RaftProtos.FollowerInfoProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.util.ProtoUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer of Ratis as {@link LeaderWatch} sees it.
 *
 * <p>See {@code docs/adr/008-stand-for-election-when-the-leader-died.md}.
 */
final class RatisFollower implements LeaderWatch.Follower {
    private static final Logger LOG = LoggerFactory.getLogger(RatisFollower.class);

    private final RaftServer server;
    private final RaftGroupId groupId;
    private final long electionTimeoutMinMs;
    private final BooleanSupplier mayStand;
    private final LongFunction<CompletableFuture<Void>> majorityMissesLeader;

    RatisFollower(
            RaftServer server,
            RaftGroupId groupId,
            long electionTimeoutMinMs,
            BooleanSupplier mayStand,
            LongFunction<CompletableFuture<Void>> majorityMissesLeader) {
        this.mayStand = mayStand;
        this.server = server;
        this.groupId = groupId;
        this.electionTimeoutMinMs = electionTimeoutMinMs;
        this.majorityMissesLeader = majorityMissesLeader;
    }

    @Override
    public long followedTerm() {
        try {
            DivisionInfo info = server.getDivision(groupId).getInfo();
            return info.isFollower() && info.getLeaderId() != null ? info.getCurrentTerm() : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    @Override
    public long silentMs() {
        try {
            return silentMs(server.getDivision(groupId).getInfo());
        } catch (IOException e) {
            return 0;
        }
    }

    private static long silentMs(DivisionInfo info) {
        FollowerInfoProto follower = info.getRoleInfoProto().getFollowerInfo();
        return follower.getLeaderInfo().getLastRpcElapsedTimeMs();
    }

    @Override
    public int rank() {
        try {
            RaftServer.Division division = server.getDivision(groupId);
            RaftPeerId leader = division.getInfo().getLeaderId();
            return (int) division.getRaftConf().getCurrentPeers().stream()
                    .map(peer -> peer.getId().toString())
                    .filter(id -> leader == null || !id.equals(leader.toString()))
                    .filter(id -> id.compareTo(server.getId().toString()) < 0)
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    /** Whether this peer would rather have another leader than that of the given term. */
    boolean missesLeader(long term) {
        try {
            DivisionInfo info = server.getDivision(groupId).getInfo();
            if (info.getCurrentTerm() > term || info.isLeader()) {
                return false;
            }
            return info.getCurrentRole() != RaftPeerRole.FOLLOWER
                    || info.getLeaderId() == null
                    || silentMs(info) >= electionTimeoutMinMs;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public CompletableFuture<Void> majorityMissesLeader(long term) {
        return majorityMissesLeader.apply(term);
    }

    /** As if the leader had asked for it, which Ratis allows for, to hand its leadership over. */
    @Override
    public void standForElection(long term) {
        try {
            RaftServer.Division division = server.getDivision(groupId);
            RaftPeerId leader = division.getInfo().getLeaderId();
            TermIndex last = division.getRaftLog().getLastEntryTermIndex();
            if (leader == null || last == null || followedTerm() != term || !mayStand.getAsBoolean()) {
                return;
            }
            server.startLeaderElection(StartLeaderElectionRequestProto.newBuilder()
                    .setServerRequest(RaftRpcRequestProto.newBuilder()
                            .setRequestorId(leader.toByteString())
                            .setReplyId(server.getId().toByteString())
                            .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(groupId)))
                    .setLeaderLastEntry(last.toProto())
                    .build());
        } catch (IOException | RuntimeException e) {
            // Such as a peer that is being closed. Ratis's own timeout is still running.
            LOG.debug("did not stand for election", e);
        }
    }
}
