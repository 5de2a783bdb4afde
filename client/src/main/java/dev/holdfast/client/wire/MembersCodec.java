package dev.holdfast.client.wire;

import dev.holdfast.client.errors.InvalidAddressException;
import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.remote.JoinTokenInfo;
import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.MemberChange;
import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import dev.holdfast.client.remote.MemberChangeResult;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.v1.ChangeMembersRequest;
import dev.holdfast.client.v1.ChangeRefusal;
import dev.holdfast.client.v1.ChangeRefusedProto;
import dev.holdfast.client.v1.ClusterMemberProto;
import dev.holdfast.client.v1.ClusterMemberRole;
import dev.holdfast.client.v1.JoinTokenInfoProto;
import dev.holdfast.client.v1.JoinTokenState;
import dev.holdfast.client.v1.LeaderHintProto;
import dev.holdfast.client.v1.MemberAction;
import dev.holdfast.client.v1.MemberAddressesProto;
import dev.holdfast.client.v1.MembersChangedProto;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Members, and what is to become of them. */
public final class MembersCodec {
    private static final int TEXT_LENGTH_MAX = 1024;

    public static ClusterMemberProto encode(MemberStatus member) {
        ClusterMemberProto.Builder proto = ClusterMemberProto.newBuilder()
                .setName(member.name())
                .setIncarnation(member.incarnation())
                .setRaftAddress(member.raft().toString())
                .setClientAddress(member.clients().toString())
                .setRole(
                        switch (member.role()) {
                            case VOTER -> ClusterMemberRole.CLUSTER_MEMBER_ROLE_VOTER;
                            case LISTENER -> ClusterMemberRole.CLUSTER_MEMBER_ROLE_LISTENER;
                            case NEWCOMER -> ClusterMemberRole.CLUSTER_MEMBER_ROLE_NEWCOMER;
                            case UNKNOWN -> ClusterMemberRole.CLUSTER_MEMBER_ROLE_UNSPECIFIED;
                        })
                .addAllLeads(member.leads())
                .setVersion(member.version());
        member.appliedIndex().ifPresent(proto::setAppliedIndex);
        return proto.build();
    }

    /** @throws InvalidAddressException if an address is malformed */
    public static MemberStatus decode(ClusterMemberProto member) {
        return new MemberStatus(
                member.getName(),
                member.getIncarnation(),
                HostPort.parse(member.getRaftAddress()),
                HostPort.parse(member.getClientAddress()),
                switch (member.getRole()) {
                    case CLUSTER_MEMBER_ROLE_VOTER -> MemberStatus.Role.VOTER;
                    case CLUSTER_MEMBER_ROLE_LISTENER -> MemberStatus.Role.LISTENER;
                    case CLUSTER_MEMBER_ROLE_NEWCOMER -> MemberStatus.Role.NEWCOMER;
                    case CLUSTER_MEMBER_ROLE_UNSPECIFIED, UNRECOGNIZED -> MemberStatus.Role.UNKNOWN;
                },
                member.getLeadsList(),
                member.hasAppliedIndex() ? OptionalLong.of(member.getAppliedIndex()) : OptionalLong.empty(),
                member.getVersion());
    }

    public static ChangeMembersRequest encode(MemberChange change, Duration timeout) {
        return ChangeMembersRequest.newBuilder()
                .setAction(
                        switch (change.action()) {
                            case ADD -> MemberAction.MEMBER_ACTION_ADD;
                            case REPLACE -> MemberAction.MEMBER_ACTION_REPLACE;
                            case REMOVE -> MemberAction.MEMBER_ACTION_REMOVE;
                            case PROMOTE -> MemberAction.MEMBER_ACTION_PROMOTE;
                            case DEMOTE -> MemberAction.MEMBER_ACTION_DEMOTE;
                            case LEAD -> MemberAction.MEMBER_ACTION_LEAD;
                        })
                .setName(change.name())
                .setForce(change.force())
                .setTimeoutMs(timeout.toMillis())
                .build();
    }

    /** @throws MemberChangeException if it asks for something that this release does not know */
    public static MemberChange decode(ChangeMembersRequest request) {
        MemberChange.Action action = switch (request.getAction()) {
            case MEMBER_ACTION_ADD -> MemberChange.Action.ADD;
            case MEMBER_ACTION_REPLACE -> MemberChange.Action.REPLACE;
            case MEMBER_ACTION_REMOVE -> MemberChange.Action.REMOVE;
            case MEMBER_ACTION_PROMOTE -> MemberChange.Action.PROMOTE;
            case MEMBER_ACTION_DEMOTE -> MemberChange.Action.DEMOTE;
            case MEMBER_ACTION_LEAD -> MemberChange.Action.LEAD;
            case MEMBER_ACTION_UNSPECIFIED, UNRECOGNIZED ->
                throw new MemberChangeException(
                        Reason.NOT_UNDERSTOOD, "this peer does not know what is to be done: is it too old?");
        };
        return new MemberChange(action, request.getName(), request.getForce());
    }

    public static MembersChangedProto encode(MemberChangeResult result) {
        return MembersChangedProto.newBuilder()
                .setChanged(result.changed())
                .setText(shortened(result.text()))
                .addAllGroupsBehind(result.groupsBehind())
                .build();
    }

    public static MemberChangeResult decode(MembersChangedProto result) {
        return new MemberChangeResult(result.getChanged(), result.getText(), result.getGroupsBehindList());
    }

    public static ChangeRefusedProto encode(MemberChangeException refused) {
        return ChangeRefusedProto.newBuilder()
                .setReason(
                        switch (refused.reason()) {
                            case NO_SUCH_MEMBER -> ChangeRefusal.CHANGE_REFUSAL_NO_SUCH_MEMBER;
                            case NO_SUCH_NEWCOMER -> ChangeRefusal.CHANGE_REFUSAL_NO_SUCH_NEWCOMER;
                            case TAKEN -> ChangeRefusal.CHANGE_REFUSAL_TAKEN;
                            case VOTERS_MAX -> ChangeRefusal.CHANGE_REFUSAL_VOTERS_MAX;
                            case NO_MAJORITY -> ChangeRefusal.CHANGE_REFUSAL_NO_MAJORITY;
                            case NO_SPARE -> ChangeRefusal.CHANGE_REFUSAL_NO_SPARE;
                            case NOT_READY -> ChangeRefusal.CHANGE_REFUSAL_NOT_READY;
                            case UNDER_WAY -> ChangeRefusal.CHANGE_REFUSAL_UNDER_WAY;
                            case NO_LEADER, NOT_CONFIRMED -> ChangeRefusal.CHANGE_REFUSAL_NOT_CONFIRMED;
                            case NOT_UNDERSTOOD -> ChangeRefusal.CHANGE_REFUSAL_NOT_UNDERSTOOD;
                            case UPGRADE_FIRST -> ChangeRefusal.CHANGE_REFUSAL_UPGRADE_FIRST;
                            case LIMIT_REACHED -> ChangeRefusal.CHANGE_REFUSAL_LIMIT_REACHED;
                            case NO_SUCH_TOKEN -> ChangeRefusal.CHANGE_REFUSAL_NO_SUCH_TOKEN;
                        })
                .setText(shortened(String.valueOf(refused.getMessage())))
                .build();
    }

    public static MemberChangeException decode(ChangeRefusedProto refused) {
        return new MemberChangeException(
                switch (refused.getReason()) {
                    case CHANGE_REFUSAL_NO_SUCH_MEMBER -> Reason.NO_SUCH_MEMBER;
                    case CHANGE_REFUSAL_NO_SUCH_NEWCOMER -> Reason.NO_SUCH_NEWCOMER;
                    case CHANGE_REFUSAL_TAKEN -> Reason.TAKEN;
                    case CHANGE_REFUSAL_VOTERS_MAX -> Reason.VOTERS_MAX;
                    case CHANGE_REFUSAL_NO_MAJORITY -> Reason.NO_MAJORITY;
                    case CHANGE_REFUSAL_NO_SPARE -> Reason.NO_SPARE;
                    case CHANGE_REFUSAL_NOT_READY -> Reason.NOT_READY;
                    case CHANGE_REFUSAL_UNDER_WAY -> Reason.UNDER_WAY;
                    case CHANGE_REFUSAL_NOT_UNDERSTOOD -> Reason.NOT_UNDERSTOOD;
                    case CHANGE_REFUSAL_UPGRADE_FIRST -> Reason.UPGRADE_FIRST;
                    case CHANGE_REFUSAL_LIMIT_REACHED -> Reason.LIMIT_REACHED;
                    case CHANGE_REFUSAL_NO_SUCH_TOKEN -> Reason.NO_SUCH_TOKEN;
                    case CHANGE_REFUSAL_NOT_CONFIRMED, CHANGE_REFUSAL_UNSPECIFIED, UNRECOGNIZED -> Reason.NOT_CONFIRMED;
                },
                shortened(refused.getText()));
    }

    public static JoinTokenInfoProto encode(JoinTokenInfo token) {
        return JoinTokenInfoProto.newBuilder()
                .setId(token.id())
                .setName(token.name())
                .setState(
                        switch (token.state()) {
                            case UNUSED -> JoinTokenState.JOIN_TOKEN_STATE_UNUSED;
                            case IN_USE -> JoinTokenState.JOIN_TOKEN_STATE_IN_USE;
                            case SPENT -> JoinTokenState.JOIN_TOKEN_STATE_SPENT;
                            case WITHDRAWN -> JoinTokenState.JOIN_TOKEN_STATE_WITHDRAWN;
                            case UNKNOWN -> JoinTokenState.JOIN_TOKEN_STATE_UNSPECIFIED;
                        })
                .setMadeBy(token.madeBy())
                .setMadeFrom(token.madeFrom())
                .setMadeAtEpochMs(token.madeAt().map(Instant::toEpochMilli).orElse(0L))
                .setValidMs(token.validFor().toMillis())
                .setUserName(token.userName())
                .setUserIncarnation(token.userIncarnation())
                .build();
    }

    public static JoinTokenInfo decode(JoinTokenInfoProto token) {
        return new JoinTokenInfo(
                token.getId(),
                token.getName(),
                switch (token.getState()) {
                    case JOIN_TOKEN_STATE_UNUSED -> JoinTokenInfo.State.UNUSED;
                    case JOIN_TOKEN_STATE_IN_USE -> JoinTokenInfo.State.IN_USE;
                    case JOIN_TOKEN_STATE_SPENT -> JoinTokenInfo.State.SPENT;
                    case JOIN_TOKEN_STATE_WITHDRAWN -> JoinTokenInfo.State.WITHDRAWN;
                    case JOIN_TOKEN_STATE_UNSPECIFIED, UNRECOGNIZED -> JoinTokenInfo.State.UNKNOWN;
                },
                token.getMadeBy(),
                token.getMadeFrom(),
                token.getMadeAtEpochMs() == 0 ? null : Instant.ofEpochMilli(token.getMadeAtEpochMs()),
                Duration.ofMillis(token.getValidMs()),
                token.getUserName(),
                token.getUserIncarnation());
    }

    /** Who leads; empty for {@code null}. */
    public static LeaderHintProto encode(@Nullable LeaderHint leader) {
        return leader == null
                ? LeaderHintProto.getDefaultInstance()
                : LeaderHintProto.newBuilder()
                        .setPeerId(leader.peerId())
                        .setHost(leader.address().host())
                        .setPort(leader.address().port())
                        .build();
    }

    /** {@code null} if it names nobody, or nobody that could be reached. */
    public static @Nullable LeaderHint decode(LeaderHintProto leader) {
        try {
            return new LeaderHint(leader.getPeerId(), new HostPort(leader.getHost(), leader.getPort()));
        } catch (InvalidAddressException e) {
            return null;
        }
    }

    /** Where clients reach members; those beyond {@link WireLimits#MEMBERS_MAX} are left out. */
    public static MemberAddressesProto encode(List<HostPort> members) {
        return MemberAddressesProto.newBuilder()
                .addAllClientAddresses(members.stream()
                        .limit(WireLimits.MEMBERS_MAX)
                        .map(HostPort::toString)
                        .toList())
                .build();
    }

    /** Each once. Addresses that nobody could connect to are left out, and so are those beyond {@link WireLimits#MEMBERS_MAX}. */
    public static List<HostPort> decode(MemberAddressesProto members) {
        Set<HostPort> addresses = new LinkedHashSet<>();
        members.getClientAddressesList().stream().limit(WireLimits.MEMBERS_MAX).forEach(text -> {
            try {
                addresses.add(HostPort.parse(text));
            } catch (InvalidAddressException e) {
                // Of a later release, perhaps. The others may be of use.
            }
        });
        return List.copyOf(addresses);
    }

    private static String shortened(String text) {
        return text.length() <= TEXT_LENGTH_MAX ? text : text.substring(0, TEXT_LENGTH_MAX);
    }

    private MembersCodec() {}
}
