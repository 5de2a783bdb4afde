package dev.holdfast.node;

import dev.holdfast.node.internal.birth.Meetings;
import dev.holdfast.node.internal.membership.AddressBook;
import dev.holdfast.node.internal.membership.JoinSecret;
import dev.holdfast.node.internal.membership.Meeting;
import dev.holdfast.node.internal.membership.MemberSet;
import dev.holdfast.node.internal.membership.NamedMember;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.ratis.RaftHost;
import dev.holdfast.node.internal.release.KnownReleases;
import dev.holdfast.node.internal.release.Supported;
import dev.holdfast.node.internal.transport.Identity;
import dev.holdfast.statemachine.LockMachine;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node says of itself when it meets others, and what it does about what they say. */
final class NodeAtMeetings implements Meetings.Self {
    private static final Logger LOG = LoggerFactory.getLogger(NodeAtMeetings.class);

    /** What becomes of the node. Calls return quickly. */
    interface Node {
        /** It has a cluster. */
        void born();

        /** It is no member any more. */
        void removed(String what);

        /** Somebody who should be of its cluster is of another. */
        void stranger(UUID other, boolean otherFormed);

        void failed(Throwable cause);
    }

    private final ClusterFolder folder;
    private final Identity identity;
    private final Member self;
    private final List<Member> list;
    private final Supplier<Set<String>> members;
    private final List<NodeGroup> groups;
    private final RaftHost host;
    private final AddressBook addresses;
    private final KnownReleases releases;
    private final Function<String, Map<PeerId, String>> verdicts;
    private final @Nullable JoinSecret joinToken;
    private final Node node;

    /** The names of the members, as one of them has told a newcomer. */
    private volatile Set<String> toldOf = Set.of();

    /**
     * @param list with which the node was started
     * @param members the names of the members, as far as the node knows
     * @param verdicts why newcomers of a name have not been let in by their tokens
     * @param joinToken by which this peer would like to become a member; {@code null} for none
     */
    NodeAtMeetings(
            ClusterFolder folder,
            Identity identity,
            Member self,
            List<Member> list,
            Supplier<Set<String>> members,
            List<NodeGroup> groups,
            RaftHost host,
            AddressBook addresses,
            KnownReleases releases,
            Function<String, Map<PeerId, String>> verdicts,
            @Nullable JoinSecret joinToken,
            Node node) {
        this.folder = folder;
        this.identity = identity;
        this.self = self;
        this.list = list;
        this.members = members;
        this.groups = groups;
        this.host = host;
        this.addresses = addresses;
        this.releases = releases;
        this.verdicts = verdicts;
        this.joinToken = joinToken;
        this.node = node;
    }

    @Override
    public Meeting introduction(String to) {
        NodeGroup first = groups.get(0);
        MemberSet known = first.configuration();
        NamedMember named = NamedMember.of(
                to,
                groups.stream().map(NodeGroup::configuration).toList(),
                first.hasLog() ? first.log().configurationIndex() : -1);
        List<Peer> founders = folder.founders();
        boolean isFounder = founders.stream().anyMatch(peer -> peer.id().name().equals(to));
        return new Meeting(
                folder.list(),
                folder.isBorn() ? folder.cluster() : Meeting.NOBODY,
                host.hasFormed(),
                Peer.of(folder.self(), self),
                named.id(),
                named.configurationIndex(),
                isFounder ? founders : List.of(),
                Supported.here(),
                null,
                named.id().isEmpty() && first.hasLog() && known.settled()
                        ? known.all().toList()
                        : List.of(),
                verdicts.apply(to));
    }

    @Override
    public @Nullable JoinSecret joinToken() {
        return folder.isBorn() && !folder.wasMember() && !isNamed() ? joinToken : null;
    }

    @Override
    public Collection<String> others() {
        Set<String> names = new TreeSet<>(members.get());
        list.forEach(member -> names.add(member.id()));
        if (!isNamed()) {
            names.addAll(toldOf);
        }
        names.remove(self.id());
        return names;
    }

    @Override
    public Set<String> initial() {
        return folder.joins() ? Set.of() : list.stream().map(Member::id).collect(Collectors.toSet());
    }

    @Override
    public boolean isNamed() {
        return groups.get(0).configuration().has(folder.self());
    }

    @Override
    public OptionalLong newestConfiguration() {
        NodeGroup first = groups.get(0);
        long newest = first.hasLog() ? first.log().configurationIndex() : -1;
        // A founder was in all configurations before it was removed; others in none before they were let in.
        return folder.isFounder() || (folder.wasMember() && newest >= 0)
                ? OptionalLong.of(newest)
                : OptionalLong.empty();
    }

    @Override
    public boolean answeredAnother(PeerId convener) {
        PeerId answered = folder.answered();
        return answered != null && !answered.equals(convener);
    }

    @Override
    public void answer(PeerId convener) throws IOException {
        folder.answer(convener);
    }

    @Override
    public void belongTo(UUID clusterId, List<Peer> founders) throws IOException {
        folder.belongTo(clusterId, founders);
        identity.belongsTo(clusterId);
        if (founders.isEmpty()) {
            LOG.info("Peer {} has found its cluster, {}, and is a newcomer to it", self.id(), clusterId);
        } else {
            LOG.info("Cluster {} is born, of {}", clusterId, founders);
        }
        node.born();
    }

    @Override
    public void met(Meeting meeting) {
        // Others may take a member's name, and say anything; they are not where the member is.
        MemberSet known = groups.get(0).configuration();
        Peer named = known.named(meeting.peer().id().name());
        if (named == null || named.id().equals(meeting.peer().id())) {
            addresses.said(meeting.peer().member(), named != null);
            releases.said(meeting.peer().id().name(), meeting.supported());
        }
        if (folder.isBorn() && !isNamed() && !meeting.members().isEmpty()) {
            // Whoever leads must hear of a newcomer, and need not be in its list.
            meeting.members().forEach(addresses::configured);
            toldOf = meeting.members().stream().map(peer -> peer.id().name()).collect(Collectors.toSet());
        }
    }

    @Override
    public @Nullable String complaint(Meeting meeting) {
        int inForce = groups.get(0).replica().read(LockMachine::semantics);
        return Supported.here().complaint(meeting.peer().id().name(), meeting.supported(), inForce);
    }

    @Override
    public void replacedBy(String named) {
        node.removed("member " + self.id() + " is not " + folder.self() + " any more in cluster " + folder.cluster()
                + ", but " + (named.isEmpty() ? "was removed" : named) + ". Its data folder is of no use any more");
    }

    @Override
    public void stranger(UUID other, boolean otherFormed) {
        node.stranger(other, otherFormed);
    }

    @Override
    public void failed(Throwable cause) {
        node.failed(cause);
    }
}
