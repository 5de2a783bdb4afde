package dev.holdfast.node;

import dev.holdfast.client.v1.CertificateProto;
import dev.holdfast.client.v1.GroupProto;
import dev.holdfast.client.v1.MemberProto;
import dev.holdfast.client.v1.PeerRole;
import dev.holdfast.client.v1.SecurityProto;
import dev.holdfast.client.v1.StatusReply;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.ratis.PeerState;
import dev.holdfast.statemachine.LockMachine;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/** Encodes what a peer says of itself. */
final class StatusReplies {
    static StatusReply of(
            String clusterId,
            String clusterName,
            PeerId self,
            List<Member> members,
            List<NodeGroup> groups,
            SecurityProto security,
            List<NodeTls.Expiry> certificates,
            String waitsFor,
            OptionalLong freeDiskBytes) {
        StatusReply.Builder reply = StatusReply.newBuilder()
                .setClusterId(clusterId)
                .setClusterName(clusterName)
                .setPeerId(self.name())
                .setIncarnation(self.incarnation())
                .setVersion(version())
                .addAllGroups(groups.stream().map(StatusReplies::group).toList())
                .addAllMembers(members.stream().map(StatusReplies::member).toList())
                .setSecurity(security)
                .addAllCertificates(
                        certificates.stream().map(StatusReplies::certificate).toList())
                .setWaitsFor(waitsFor);
        freeDiskBytes.ifPresent(reply::setFreeDiskBytes);
        return reply.build();
    }

    /** The release; empty if it is not known, as outside of a jar. */
    static String version() {
        return Objects.requireNonNullElse(StatusReplies.class.getPackage().getImplementationVersion(), "");
    }

    private static CertificateProto certificate(NodeTls.Expiry certificate) {
        return CertificateProto.newBuilder()
                .setSubject(certificate.of().subject())
                .setOwn(certificate.of().own())
                .setForMembers(certificate.forMembers())
                .setForClients(certificate.forClients())
                .setNotAfterEpochMs(certificate.of().until().toEpochMilli())
                .build();
    }

    private static GroupProto group(NodeGroup group) {
        PeerState state = group.state();
        return GroupProto.newBuilder()
                .setStateBytes(group.replica().read(LockMachine::bytes))
                .setStateBytesMax(group.replica().read(LockMachine::bytesMax))
                .setRole(
                        switch (state.role()) {
                            case LEADER -> PeerRole.PEER_ROLE_LEADER;
                            case FOLLOWER -> PeerRole.PEER_ROLE_FOLLOWER;
                            case CANDIDATE -> PeerRole.PEER_ROLE_CANDIDATE;
                            case NONE -> PeerRole.PEER_ROLE_UNSPECIFIED;
                        })
                .setTerm(state.term())
                .setLeaderId(Objects.requireNonNullElse(state.leaderId(), ""))
                .setLastIndex(state.lastIndex())
                .setCommittedIndex(state.committedIndex())
                .setAppliedIndex(state.appliedIndex())
                .build();
    }

    private static MemberProto member(Member member) {
        return MemberProto.newBuilder()
                .setPeerId(member.id())
                .setHost(member.host())
                .setRaftPort(member.raftPort())
                .setClientPort(member.clientPort())
                .build();
    }

    private StatusReplies() {}
}
