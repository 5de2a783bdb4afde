package dev.holdfast.node.internal.ratis;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.server.RaftConfiguration;
import org.apache.ratis.util.ProtoUtils;

/** Peers in Ratis's terms and in ours. */
final class RaftPeers {
    static RaftPeer of(Peer peer) {
        return RaftPeer.newBuilder()
                .setId(peer.id().toString())
                .setAddress(peer.raft().toString())
                .setClientAddress(peer.client().toString())
                .build();
    }

    static List<RaftPeer> of(List<Peer> peers) {
        return peers.stream().map(RaftPeers::of).toList();
    }

    static Peer toPeer(RaftPeer peer) {
        return new Peer(
                PeerId.parse(peer.getId().toString()),
                HostPort.parse(peer.getAddress()),
                HostPort.parse(peer.getClientAddress()));
    }

    private static List<Peer> toPeers(Collection<RaftPeer> peers) {
        return peers.stream()
                .map(RaftPeers::toPeer)
                .sorted(Comparator.comparing(peer -> peer.id().toString()))
                .toList();
    }

    /**
     * The newest members.
     *
     * @param committed whether the log is committed up to the configuration
     */
    static MemberSet toMemberSet(RaftConfiguration configuration, boolean committed) {
        return new MemberSet(
                toPeers(configuration.getCurrentPeers()),
                toPeers(configuration.getCurrentPeers(RaftPeerRole.LISTENER)),
                committed && configuration.getPreviousPeers().isEmpty());
    }

    /** Those of a committed entry. */
    static MemberSet toMemberSet(RaftConfigurationProto configuration) {
        return new MemberSet(
                toPeers(ProtoUtils.toRaftPeers(configuration.getPeersList())),
                toPeers(ProtoUtils.toRaftPeers(configuration.getListenersList())),
                configuration.getOldPeersCount() == 0);
    }

    private RaftPeers() {}
}
