package dev.holdfast.client.remote;

import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.v1.CertificateProto;
import dev.holdfast.client.v1.GroupProto;
import dev.holdfast.client.v1.MemberProto;
import dev.holdfast.client.v1.SecurityProto;
import dev.holdfast.client.v1.StatusReply;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a peer knew about itself and its cluster at some moment. None of it is linearizable.
 *
 * @param clusterId the cluster's id; empty while it is not born
 * @param clusterName what the cluster is called in the configuration of its members; empty if the peer does not tell
 * @param peerId the peer that answered
 * @param incarnation which data folder of that name it has; empty if the peer does not tell
 * @param version its release
 * @param groups its part in each of the cluster's groups, in the order of their numbers; at least one
 * @param members the members of the cluster, itself among them
 * @param security how it is protected
 * @param certificates those that it has for TLS, and the roots that it trusts; empty if it does without
 * @param waitsFor for what the peer waits before it can take part in anything, for people to read; empty if it is a member
 * @param freeDiskBytes how many bytes it may still write to the disk of its data folder, as of a second before or so; empty if
 *     that is not known
 */
public record PeerStatus(
        String clusterId,
        String clusterName,
        String peerId,
        String incarnation,
        String version,
        List<GroupStatus> groups,
        List<MemberAddress> members,
        Security security,
        List<Certificate> certificates,
        String waitsFor,
        OptionalLong freeDiskBytes) {

    /**
     * A peer's part in one group.
     *
     * @param term the latest Raft term that it knows
     * @param leaderId who leads, as far as it knows; empty if it knows of nobody
     * @param lastIndex the last entry of its log; -1 for none
     * @param committedIndex the last entry that it knows to be committed; -1 for none
     * @param appliedIndex the last entry that it applied; -1 for none
     * @param stateBytes about how many bytes of heap the group's locks, sessions and waiters take there; an upper estimate
     * @param stateBytesMax at how many bytes requests that would add to them are rejected; 0 for no bound
     */
    public record GroupStatus(
            Role role,
            long term,
            String leaderId,
            long lastIndex,
            long committedIndex,
            long appliedIndex,
            long stateBytes,
            long stateBytesMax) {}

    /** A peer's part in its Raft group. */
    public enum Role {
        /** Was elected, and serves or is about to. */
        LEADER,
        FOLLOWER,
        /** Has heard of no leader for a while, and asks for votes. */
        CANDIDATE,
        /** A role that this release does not know. */
        UNKNOWN
    }

    /** A member, and where it serves clients. */
    public record MemberAddress(String peerId, HostPort clients, int raftPort) {}

    /**
     * How a peer is protected.
     *
     * @param insecure whether its configuration permits addresses off loopback without encryption
     * @param membersTls whether members talk to it over TLS
     * @param clientsTls whether clients do
     * @param accessRequired whether clients have to prove who they are
     */
    public record Security(boolean insecure, boolean membersTls, boolean clientsTls, boolean accessRequired) {}

    /**
     * A certificate that a peer has for TLS.
     *
     * @param subject whose it is, for people to read
     * @param own whether it is the peer's own, or one between that and its root; else it is a root that the peer trusts
     * @param forMembers whether it is for talking to members
     * @param forClients whether it is for talking to clients
     * @param until the last instant at which it is valid
     */
    public record Certificate(String subject, boolean own, boolean forMembers, boolean forClients, Instant until) {}

    public PeerStatus {
        groups = List.copyOf(groups);
        members = List.copyOf(members);
        certificates = List.copyOf(certificates);
    }

    /** @throws InvalidAddressException if a member's address is malformed */
    static PeerStatus of(StatusReply reply) {
        return new PeerStatus(
                reply.getClusterId(),
                reply.getClusterName(),
                reply.getPeerId(),
                reply.getIncarnation(),
                reply.getVersion(),
                reply.getGroupsList().stream().map(PeerStatus::group).toList(),
                reply.getMembersList().stream().map(PeerStatus::member).toList(),
                security(reply.getSecurity()),
                reply.getCertificatesList().stream()
                        .map(PeerStatus::certificate)
                        .toList(),
                reply.getWaitsFor(),
                reply.hasFreeDiskBytes() ? OptionalLong.of(reply.getFreeDiskBytes()) : OptionalLong.empty());
    }

    private static Security security(SecurityProto security) {
        return new Security(
                security.getInsecure(),
                security.getMembersTls(),
                security.getClientsTls(),
                security.getAccessRequired());
    }

    private static Certificate certificate(CertificateProto certificate) {
        return new Certificate(
                certificate.getSubject(),
                certificate.getOwn(),
                certificate.getForMembers(),
                certificate.getForClients(),
                Instant.ofEpochMilli(certificate.getNotAfterEpochMs()));
    }

    private static GroupStatus group(GroupProto group) {
        return new GroupStatus(
                switch (group.getRole()) {
                    case PEER_ROLE_LEADER -> Role.LEADER;
                    case PEER_ROLE_FOLLOWER -> Role.FOLLOWER;
                    case PEER_ROLE_CANDIDATE -> Role.CANDIDATE;
                    case PEER_ROLE_UNSPECIFIED, UNRECOGNIZED -> Role.UNKNOWN;
                },
                group.getTerm(),
                group.getLeaderId(),
                group.getLastIndex(),
                group.getCommittedIndex(),
                group.getAppliedIndex(),
                group.getStateBytes(),
                group.getStateBytesMax());
    }

    private static MemberAddress member(MemberProto member) {
        return new MemberAddress(
                member.getPeerId(), new HostPort(member.getHost(), member.getClientPort()), member.getRaftPort());
    }
}
