package dev.holdfast.node.internal.ratis;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.client.time.SystemTimers;
import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import dev.holdfast.node.RaftSettings;
import dev.holdfast.node.internal.membership.AddressBook;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.storage.NewGroup;
import dev.holdfast.node.internal.transport.FrameKind;
import dev.holdfast.node.internal.transport.Identity;
import dev.holdfast.node.internal.transport.MemberSecret;
import dev.holdfast.node.internal.transport.Members;
import dev.holdfast.node.internal.transport.RefusedException;
import dev.holdfast.node.leader.Replica;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftRpcRequestProto;
import org.apache.ratis.util.ProtoUtils;

/** A peer of one group, without a node around it. If there are to be other members, they are not there. */
final class LonePeer implements AutoCloseable {
    final UUID cluster = UUID.randomUUID();
    final RaftHost host;
    final RatisPeer peer;
    final List<Peer> members = new ArrayList<>();
    private long calls;
    private final SystemTimers timers = new SystemTimers();
    private final Members transport;

    /** Does not start it. */
    LonePeer(Path folder, PeerId id, int size, Runnable whenLeading) throws IOException {
        this(folder, id, size, true, onLeading(whenLeading));
    }

    /**
     * Does not start it.
     *
     * @param isFounder whether it knows of the members from the beginning, itself among them; otherwise it knows of none
     */
    LonePeer(Path folder, PeerId id, int size, boolean isFounder, GroupListener listener) throws IOException {
        List<Integer> ports = FreePorts.find(2 * size);
        for (int i = 0; i < size; i++) {
            PeerId each = i == 0 ? id : PeerId.random(String.valueOf((char) ('a' + i)));
            members.add(Peer.of(each, new Member(each.name(), "127.0.0.1", ports.get(2 * i), ports.get(2 * i + 1))));
        }
        Path raft = folder.resolve("raft");
        NewGroup.make(raft, cluster);
        host = new RaftHost(id, (other, formed) -> {});
        AddressBook addresses =
                new AddressBook(folder, List.of(new Member(id.name(), "127.0.0.1", ports.get(0), ports.get(1))));
        transport = new Members(new Identity(cluster, id, MemberSecret.random(), null), addresses::raftAddresses, host);
        peer = new RatisPeer(
                cluster,
                new RatisPeer.Place(
                        id, new InetSocketAddress("127.0.0.1", ports.get(0)), transport, host, addresses, raft),
                isFounder ? List.copyOf(members) : List.of(),
                RaftSettings.DEFAULT,
                List.of(new RatisPeer.GroupParts(new Replica(), listener)),
                new MetricRegistry(),
                timers);
    }

    private static GroupListener onLeading(Runnable action) {
        return new IdleListener() {
            @Override
            public void leaderReady(long term) {
                action.run();
            }
        };
    }

    /** The first entry of the log, which names members. */
    static LogEntryProto firstEntry(long term, List<Peer> named) {
        RaftConfigurationProto.Builder configuration = RaftConfigurationProto.newBuilder();
        for (Peer member : named) {
            configuration.addPeers(RaftPeers.of(member).getRaftPeerProto());
        }
        return LogEntryProto.newBuilder()
                .setTerm(term)
                .setIndex(0)
                .setConfigurationEntry(configuration)
                .build();
    }

    /** As if the second member led, and sent the log from its beginning. */
    CompletableFuture<byte[]> sendAsLeader(long term, LogEntryProto... entries) throws RefusedException {
        Peer leader = members.get(1);
        AppendEntriesRequestProto request = AppendEntriesRequestProto.newBuilder()
                .setServerRequest(RaftRpcRequestProto.newBuilder()
                        .setRequestorId(RaftPeers.of(leader).getId().toByteString())
                        .setReplyId(RaftPeers.of(members.get(0)).getId().toByteString())
                        .setRaftGroupId(ProtoUtils.toRaftGroupIdProtoBuilder(
                                peer.group(0).raftGroupId()))
                        .setCallId(calls++))
                .setLeaderTerm(term)
                .addAllEntries(List.of(entries))
                .setLeaderCommit(-1)
                .build();
        return host.answer(leader.id().toString(), FrameKind.APPEND, request.toByteArray())
                .toCompletableFuture();
    }

    static AppendEntriesReplyProto reply(CompletableFuture<byte[]> answer) throws Exception {
        return AppendEntriesReplyProto.parseFrom(answer.get(1, TimeUnit.MINUTES));
    }

    @Override
    public void close() throws IOException {
        peer.close();
        transport.close();
        timers.close();
    }
}
