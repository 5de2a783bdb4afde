package dev.holdfast.client.remote;

import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.internal.remote.OneCall;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import dev.holdfast.client.v1.ChangeMembersReply;
import dev.holdfast.client.v1.IssueJoinTokenReply;
import dev.holdfast.client.v1.IssueJoinTokenRequest;
import dev.holdfast.client.v1.JoinTokensReply;
import dev.holdfast.client.v1.JoinTokensRequest;
import dev.holdfast.client.v1.MembersReply;
import dev.holdfast.client.v1.MembersRequest;
import dev.holdfast.client.v1.WithdrawJoinTokenRequest;
import dev.holdfast.client.wire.MembersCodec;
import java.time.Duration;
import java.util.List;

/** Asks one peer who the members of its cluster are, or for a change of that. Each over a connection of its own. */
public final class PeerMembersRequest {
    /** For a reply to come back, once the peer has given up. */
    private static final Duration RETURN = Duration.ofSeconds(1);

    /**
     * What a peer says of its cluster's members.
     *
     * @param clusterName what the cluster is called in the configuration of its members; empty if the peer does not tell
     * @param peerId the peer that answered
     * @param members voters, then listeners, then newcomers
     * @param settled whether no change of them is under way
     */
    public record Answer(
            String clusterId, String clusterName, String peerId, List<MemberStatus> members, boolean settled) {
        public Answer {
            members = List.copyOf(members);
        }
    }

    /**
     * Asks who the members are. Any peer answers. Blocks, for as long as the connect timeout and the request timeout together.
     *
     * @throws TransportException if there is no answer, or one that cannot be understood
     */
    public static Answer members(HostPort peer, RemoteOptions options) {
        MembersReply reply = OneCall.to(
                peer,
                options,
                options.connectTimeout().plus(options.requestTimeout()),
                stub -> stub.members(MembersRequest.getDefaultInstance()));
        try {
            return new Answer(
                    reply.getClusterId(),
                    reply.getClusterName(),
                    reply.getPeerId(),
                    reply.getMembersList().stream().map(MembersCodec::decode).toList(),
                    reply.getSettled());
        } catch (InvalidAddressException e) {
            throw new TransportException(Kind.REFUSED, peer + " sent members that cannot be understood", e);
        }
    }

    /**
     * Asks for a change. Blocks until it is done, or refused.
     *
     * @param timeout for the change; the connect timeout comes on top
     * @throws MemberChangeException if it is refused
     * @throws NotLeadingException if that peer does not lead the first group: nothing was done
     * @throws TransportException if there is no answer, so that nothing is known of what became of it, or if it is forbidden
     */
    public static MemberChangeResult change(HostPort peer, RemoteOptions options, MemberChange change, Duration timeout)
            throws NotLeadingException {
        return result(
                peer,
                OneCall.to(
                        peer,
                        options,
                        timeout.plus(options.connectTimeout()).plus(RETURN),
                        stub -> stub.changeMembers(MembersCodec.encode(change, timeout))));
    }

    /**
     * Asks for a join token. Blocks until it is made, or refused; for as long as the connect timeout and the request timeout together.
     *
     * @param name of the only member that it is to be good for; empty for any
     * @param validFor for how long it is to be good
     * @throws MemberChangeException if it is refused
     * @throws NotLeadingException if that peer does not lead the first group: nothing was done
     * @throws TransportException if there is no answer, so that there may be a token that nobody knows, or if it is forbidden
     */
    public static String issueJoinToken(HostPort peer, RemoteOptions options, String name, Duration validFor)
            throws NotLeadingException {
        IssueJoinTokenReply reply = OneCall.to(
                peer,
                options,
                options.connectTimeout().plus(options.requestTimeout()),
                stub -> stub.issueJoinToken(IssueJoinTokenRequest.newBuilder()
                        .setName(name)
                        .setValidMs(validFor.toMillis())
                        .build()));
        return switch (reply.getResultCase()) {
            case TOKEN -> reply.getToken();
            case REFUSED -> throw MembersCodec.decode(reply.getRefused());
            case LEADER -> throw new NotLeadingException(MembersCodec.decode(reply.getLeader()));
            case RESULT_NOT_SET ->
                throw new TransportException(Kind.OUTCOME_UNKNOWN, peer + " sent an answer that cannot be understood");
        };
    }

    /**
     * Asks which join tokens there are. Blocks for as long as the connect timeout and the request timeout together.
     *
     * @return those that have not expired, in no order
     * @throws MemberChangeException if it is refused
     * @throws NotLeadingException if that peer does not lead the first group
     * @throws TransportException if there is no answer, or if it is forbidden
     */
    public static List<JoinTokenInfo> joinTokens(HostPort peer, RemoteOptions options) throws NotLeadingException {
        JoinTokensReply reply = OneCall.to(
                peer,
                options,
                options.connectTimeout().plus(options.requestTimeout()),
                stub -> stub.joinTokens(JoinTokensRequest.getDefaultInstance()));
        return switch (reply.getResultCase()) {
            case LIST ->
                reply.getList().getTokensList().stream()
                        .map(MembersCodec::decode)
                        .toList();
            case REFUSED -> throw MembersCodec.decode(reply.getRefused());
            case LEADER -> throw new NotLeadingException(MembersCodec.decode(reply.getLeader()));
            case RESULT_NOT_SET ->
                throw new TransportException(Kind.REFUSED, peer + " sent an answer that cannot be understood");
        };
    }

    /**
     * Asks to have a join token let nobody in any more. Blocks until it is done, or refused; for as long as the connect timeout and the
     * request timeout together.
     *
     * @throws MemberChangeException if it is refused
     * @throws NotLeadingException if that peer does not lead the first group: nothing was done
     * @throws TransportException if there is no answer, so that nothing is known of what became of it, or if it is forbidden
     */
    public static MemberChangeResult withdrawJoinToken(HostPort peer, RemoteOptions options, String id)
            throws NotLeadingException {
        return result(
                peer,
                OneCall.to(
                        peer,
                        options,
                        options.connectTimeout().plus(options.requestTimeout()),
                        stub -> stub.withdrawJoinToken(
                                WithdrawJoinTokenRequest.newBuilder().setId(id).build())));
    }

    private static MemberChangeResult result(HostPort peer, ChangeMembersReply reply) throws NotLeadingException {
        return switch (reply.getResultCase()) {
            case CHANGED -> MembersCodec.decode(reply.getChanged());
            case REFUSED -> throw MembersCodec.decode(reply.getRefused());
            case LEADER -> throw new NotLeadingException(MembersCodec.decode(reply.getLeader()));
            case RESULT_NOT_SET ->
                throw new TransportException(Kind.OUTCOME_UNKNOWN, peer + " sent an answer that cannot be understood");
        };
    }

    private PeerMembersRequest() {}
}
