package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.client.remote.MemberStatus;
import dev.holdfast.client.remote.MemberStatus.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lists the members, and who would like to be one, as this peer knows them. */
public final class MemberList {
    private final MemberControl control;
    private final MemberSet members;
    private final List<Peer> newcomers;
    private final List<@Nullable LeaderHint> leaders;
    private final Answers answers;

    private MemberList(MemberControl control) throws InterruptedException {
        MemberControl.Group first = control.groups().get(0);
        Peer self = control.self();
        this.control = control;
        this.members = first.configuration();
        Stream<Peer> selfIfNew = members.has(self.id()) ? Stream.empty() : Stream.of(self);
        this.newcomers = Stream.concat(control.newcomers().stream().map(Newcomer::peer), selfIfNew)
                .filter(peer -> !members.has(peer.id()))
                .distinct()
                .toList();
        this.leaders = new ArrayList<>();
        control.groups().forEach(group -> leaders.add(group.leader()));
        this.answers = Answers.of(first, self.id(), Stream.concat(members.all(), newcomers.stream()))
                .and(newcomers.stream().map(Peer::id));
    }

    /** Asks all of them how far they are, so it blocks for up to a second or so. */
    public static MemberList of(MemberControl control) throws InterruptedException {
        return new MemberList(control);
    }

    /** Whether no change of them is under way. */
    public boolean isSettled() {
        return members.settled();
    }

    /** Voters, then listeners, then newcomers, each in the order of their names. */
    public List<MemberStatus> all() {
        List<MemberStatus> all = new ArrayList<>();
        add(all, members.voters(), Role.VOTER);
        add(all, members.listeners(), Role.LISTENER);
        add(all, newcomers, Role.NEWCOMER);
        return all;
    }

    private void add(List<MemberStatus> all, List<Peer> peers, Role role) {
        peers.stream()
                .sorted(Comparator.comparing((Peer peer) -> peer.id().toString()))
                .map(peer -> status(peer, role))
                .forEach(all::add);
    }

    private MemberStatus status(Peer peer, Role role) {
        PeerId id = peer.id();
        return new MemberStatus(
                id.name(),
                id.incarnation(),
                peer.raft(),
                peer.client(),
                role,
                role == Role.VOTER ? led(id.name()) : List.of(),
                answers.has(id) ? OptionalLong.of(answers.applied(id)) : OptionalLong.empty(),
                control.releaseOf(id));
    }

    private List<Integer> led(String name) {
        return IntStream.range(0, leaders.size())
                .filter(group -> leaders.get(group) != null
                        && leaders.get(group).peerId().equals(name))
                .boxed()
                .toList();
    }
}
