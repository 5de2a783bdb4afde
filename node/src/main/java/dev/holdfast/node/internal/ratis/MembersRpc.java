package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.membership.AddressBook;
import dev.holdfast.node.internal.transport.FrameKind;
import dev.holdfast.node.internal.transport.Members;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotReplyProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.proto.RaftProtos.RequestVoteRequestProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionReplyProto;
import org.apache.ratis.proto.RaftProtos.StartLeaderElectionRequestProto;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;

/**
 * How Ratis talks to the other members: through {@link Members}. Ratis asks for votes and elections here, and waits; entries and
 * snapshots are sent by {@link MemberAppender}.
 *
 * <p>See {@code docs/adr/013-a-transport-of-our-own.md}.
 */
final class MembersRpc implements RaftServerRpc {
    private static final long TIMEOUT_MS = 1000;

    private final RaftServer server;
    private final Members members;
    private final AddressBook addresses;
    private final InetSocketAddress address;

    private MembersRpc(RaftServer server, Members members, AddressBook addresses, InetSocketAddress address) {
        this.server = server;
        this.members = members;
        this.addresses = addresses;
        this.address = address;
    }

    /** Ratis creates it by its class name. */
    public static final class Type implements RpcType {
        private static final String MEMBERS = "holdfast.members";
        private static final String ADDRESSES = "holdfast.addresses";
        private static final String ADDRESS = "holdfast.address";

        /**
         * @param addresses where the others are dialled
         * @param address where the others dial this member
         */
        static Parameters parameters(Members members, AddressBook addresses, InetSocketAddress address) {
            Parameters parameters = new Parameters();
            parameters.put(MEMBERS, members, Members.class);
            parameters.put(ADDRESSES, addresses, AddressBook.class);
            parameters.put(ADDRESS, address, InetSocketAddress.class);
            return parameters;
        }

        @Override
        public String name() {
            return getClass().getName();
        }

        @Override
        public ServerFactory newFactory(Parameters parameters) {
            return new Factory(
                    this,
                    parameters.getNonNull(MEMBERS, Members.class),
                    parameters.getNonNull(ADDRESSES, AddressBook.class),
                    parameters.getNonNull(ADDRESS, InetSocketAddress.class));
        }
    }

    private record Factory(Type type, Members members, AddressBook addresses, InetSocketAddress address)
            implements ServerFactory {
        @Override
        public RpcType getRpcType() {
            return type;
        }

        @Override
        public RaftServerRpc newRaftServerRpc(RaftServer server) {
            return new MembersRpc(server, members, addresses, address);
        }

        @Override
        public LogAppender newLogAppender(RaftServer.Division server, LeaderState state, FollowerInfo follower) {
            return new MemberAppender(server, state, follower, members);
        }
    }

    @Override
    public RpcType getRpcType() {
        return new Type();
    }

    /** The port is open already. */
    @Override
    public void start() {}

    @Override
    public InetSocketAddress getInetSocketAddress() {
        return Objects.requireNonNullElse(members.address(), address);
    }

    /** Those of a configuration, or those that are about to be. */
    @Override
    public void addRaftPeers(Collection<RaftPeer> peers) {
        peers.forEach(peer -> addresses.configured(RaftPeers.toPeer(peer)));
    }

    /** A link redials by itself. */
    @Override
    public void handleException(RaftPeerId peer, Exception failure, boolean reconnect) {}

    @Override
    public RequestVoteReplyProto requestVote(RequestVoteRequestProto request) throws IOException {
        DurableVote.beforeAsking(server, request);
        return RequestVoteReplyProto.parseFrom(ask(request.getServerRequest().getReplyId(), FrameKind.VOTE, request));
    }

    @Override
    public StartLeaderElectionReplyProto startLeaderElection(StartLeaderElectionRequestProto request)
            throws IOException {
        return StartLeaderElectionReplyProto.parseFrom(
                ask(request.getServerRequest().getReplyId(), FrameKind.STAND_FOR_ELECTION, request));
    }

    @Override
    public AppendEntriesReplyProto appendEntries(AppendEntriesRequestProto request) {
        throw new UnsupportedOperationException("entries are sent by the appender");
    }

    @Override
    public InstallSnapshotReplyProto installSnapshot(InstallSnapshotRequestProto request) {
        throw new UnsupportedOperationException("snapshots are sent by the appender");
    }

    private byte[] ask(ByteString member, FrameKind question, MessageLite request) throws IOException {
        return await(members.link(member.toStringUtf8(), Objects.requireNonNull(question.lane()))
                .ask(question, request.toByteArray(), TIMEOUT_MS));
    }

    /** Blocks until it is answered. */
    static byte[] await(CompletableFuture<byte[]> answer) throws IOException {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
        }
    }

    /** The conversations are the node's. */
    @Override
    public void close() {}
}
