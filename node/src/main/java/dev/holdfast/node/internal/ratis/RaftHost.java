package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.birth.Meetings;
import dev.holdfast.node.internal.leadership.Greeting;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.transport.FrameKind;
import dev.holdfast.node.internal.transport.Host;
import dev.holdfast.node.internal.transport.Reason;
import dev.holdfast.node.internal.transport.RefusedException;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotResult;
import org.apache.ratis.proto.RaftProtos.RaftRpcReplyProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.RaftServerAsynchronousProtocol;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * Answers the other members: what they say is checked, and what is right reaches Ratis.
 *
 * <p>See {@code docs/adr/013-a-transport-of-our-own.md}.
 */
public final class RaftHost implements Host {
    private final MessageChecks checks;
    private final RatisPeer.PeerEvents events;
    private volatile @Nullable Meetings meetings;
    private volatile @Nullable RaftServer server;
    private volatile List<RatisGroup> groups = List.of();

    public RaftHost(PeerId self, RatisPeer.PeerEvents events) {
        this.checks = new MessageChecks(self.toString());
        this.events = events;
    }

    /** Before that, nobody is told who this peer is. */
    public void meet(Meetings ofThisPeer) {
        meetings = ofThisPeer;
    }

    /** Before that, no question of Raft is answered. */
    void serve(RaftServer raftServer, List<RatisGroup> raftGroups) {
        groups = List.copyOf(raftGroups);
        server = raftServer;
    }

    /** No question of Raft is answered any more: Ratis, while it closes, would answer with errors, and log each. */
    void cease() {
        server = null;
    }

    @Override
    public CompletionStage<byte[]> answer(String from, FrameKind question, byte[] body) throws RefusedException {
        if (question == FrameKind.MEET || question == FrameKind.CALL) {
            return meeting(from, question, body);
        }
        RaftServer serving = server;
        if (serving == null) {
            throw new RefusedException(Reason.BUSY, "it is starting or closing");
        }
        try {
            return switch (question) {
                case GREETING -> greeting(body);
                case MISSES_LEADER -> missesLeader(body);
                case VOTE -> vote(from, serving, RequestVoteRequestProto.parseFrom(body));
                case STAND_FOR_ELECTION -> stand(from, serving, StartLeaderElectionRequestProto.parseFrom(body));
                case APPEND ->
                    append(
                            from,
                            serving,
                            // The log keeps parts of these bytes, which nobody changes.
                            AppendEntriesRequestProto.parseFrom(
                                    UnsafeByteOperations.unsafeWrap(body).newCodedInput()));
                case SNAPSHOT_PIECE -> piece(from, serving, InstallSnapshotRequestProto.parseFrom(body));
                case HELLO, CHALLENGE, PROOF, WELCOME, REFUSED, ANSWER, FAILED, MEET, CALL ->
                    throw new RefusedException(Reason.NOT_UNDERSTOOD, question + " is no question");
            };
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new RefusedException(Reason.NOT_UNDERSTOOD, question + " cannot be read: " + e.getMessage());
        } catch (RefusedException e) {
            throw e;
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<byte[]> meeting(String from, FrameKind question, byte[] body) throws RefusedException {
        Meetings known = meetings;
        if (known == null) {
            throw new RefusedException(Reason.BUSY, "it is starting");
        }
        try {
            return CompletableFuture.completedFuture(known.answer(from, question, body));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Reason.NOT_UNDERSTOOD, question + " cannot be read: " + e.getMessage());
        } catch (RefusedException e) {
            throw e;
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletionStage<byte[]> greeting(byte[] body) throws RefusedException {
        return CompletableFuture.completedFuture(
                find(Greeting.decode(body).group()).greeting().encode());
    }

    private CompletionStage<byte[]> missesLeader(byte[] body) throws RefusedException {
        Greeting greeting = Greeting.decode(body);
        RatisGroup group = find(greeting.group());
        if (!group.missesLeader(greeting.term())) {
            throw new RefusedException(Reason.FAILED, "it hears of a leader");
        }
        return CompletableFuture.completedFuture(group.greeting().encode());
    }

    private CompletionStage<byte[]> vote(String from, RaftServer serving, RequestVoteRequestProto request)
            throws IOException {
        RatisGroup group = group(from, request.getServerRequest());
        checks.term(from, request.getCandidateTerm(), group.knownTerm());
        RequestVoteReplyProto reply = serving.requestVote(request);
        if (reply.getServerReply().getSuccess()) {
            DurableVote.sync(serving, request);
        }
        // Who was removed is told so by others, and ends when no group needs it: Ratis would end its part in this one
        // at once.
        return CompletableFuture.completedFuture(
                reply.toBuilder().setShouldShutdown(false).build().toByteArray());
    }

    private CompletionStage<byte[]> stand(String from, RaftServer serving, StartLeaderElectionRequestProto request)
            throws IOException {
        RatisGroup group = group(from, request.getServerRequest());
        checks.term(from, request.getLeaderLastEntry().getTerm(), group.knownTerm());
        return CompletableFuture.completedFuture(
                serving.startLeaderElection(request).toByteArray());
    }

    private CompletionStage<byte[]> append(String from, RaftServer serving, AppendEntriesRequestProto request)
            throws IOException {
        RatisGroup group = group(from, request.getServerRequest());
        checks.term(from, request.getLeaderTerm(), group.knownTerm());
        checks.entries(from, request, group.decoded());
        RaftLog log = group.log();
        return RatisStateMachine.appends(serving, group.raftGroupId())
                .append(
                        request,
                        () -> {
                            try {
                                return ((RaftServerAsynchronousProtocol) serving).appendEntriesAsync(request);
                            } finally {
                                group.onLeaderHeard();
                            }
                        },
                        log::getFlushIndex)
                .thenApply(reply -> reply.toByteArray());
    }

    private CompletionStage<byte[]> piece(String from, RaftServer serving, InstallSnapshotRequestProto request)
            throws IOException {
        RatisGroup group = group(from, request.getServerRequest());
        checks.term(from, request.getLeaderTerm(), group.knownTerm());
        checks.piece(from, request);
        TermIndex end = TermIndex.valueOf(request.getSnapshotChunk().getTermIndex());
        long term = group.knownTerm();
        if (request.getLeaderTerm() >= term && group.hasInLog(end)) {
            return CompletableFuture.completedFuture(alreadyThere(request, term).toByteArray());
        }
        try {
            return CompletableFuture.completedFuture(
                    serving.installSnapshot(request).toByteArray());
        } finally {
            group.onLeaderHeard();
            if (request.getSnapshotChunk().getDone()) {
                RatisStateMachine.appends(serving, group.raftGroupId()).forget();
            }
        }
    }

    /**
     * The answer to a snapshot that says nothing which the log does not have: Raft lets a follower keep the log then. Ratis asks
     * only whether the end of the snapshot is known to be committed here. If it is not, Ratis would drop writes of the log
     * that are under way, and what was acknowledged with them.
     */
    private static InstallSnapshotReplyProto alreadyThere(InstallSnapshotRequestProto request, long term) {
        RaftRpcRequestProto header = request.getServerRequest();
        return InstallSnapshotReplyProto.newBuilder()
                .setServerReply(RaftRpcReplyProto.newBuilder()
                        .setRequestorId(header.getRequestorId())
                        .setReplyId(header.getReplyId())
                        .setRaftGroupId(header.getRaftGroupId())
                        .setCallId(header.getCallId())
                        .setSuccess(true))
                .setTerm(term)
                .setRequestIndex(request.getSnapshotChunk().getRequestIndex())
                .setResult(InstallSnapshotResult.ALREADY_INSTALLED)
                .build();
    }

    private RatisGroup group(String from, RaftRpcRequestProto header) throws RefusedException {
        RaftGroupId id = checks.group(from, header);
        return find(id.getUuid());
    }

    private RatisGroup find(UUID id) throws RefusedException {
        for (RatisGroup group : groups) {
            if (group.id().equals(id)) {
                return group;
            }
        }
        throw new RefusedException(Reason.FAILED, "there is no group " + id);
    }

    @Override
    public boolean isMember(String id) {
        List<RatisGroup> known = groups;
        return known.isEmpty() || known.stream().anyMatch(group -> group.mayHaveMember(id));
    }

    @Override
    public boolean hasFormed() {
        return groups.stream().anyMatch(group -> group.appliedIndex() >= 0);
    }

    @Override
    public void stranger(UUID cluster, boolean formed) {
        events.stranger(cluster, formed);
    }

    @Override
    public void entriesEnded(String from) {
        groups.forEach(RatisGroup::onStreamEnded);
    }
}
