package dev.holdfast.node.internal.membership;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Compares configurations, and makes others of them. What it makes is not settled. Only the peers' ids count, not where they are. */
final class MemberSets {

    /** Whether the same are voters, and the same are listeners. */
    static boolean areSame(MemberSet one, MemberSet other) {
        return ids(one.voters()).equals(ids(other.voters()))
                && ids(one.listeners()).equals(ids(other.listeners()));
    }

    static Set<PeerId> ids(List<Peer> peers) {
        return peers.stream().map(Peer::id).collect(Collectors.toSet());
    }

    static boolean isVoter(MemberSet members, PeerId id) {
        return ids(members.voters()).contains(id);
    }

    /** Without that peer. */
    static MemberSet without(MemberSet members, PeerId id) {
        return of(without(members.voters(), id), without(members.listeners(), id));
    }

    /** With that peer as a voter, and as nothing else. */
    static MemberSet withVoter(MemberSet members, Peer peer) {
        MemberSet others = without(members, peer.id());
        return of(with(others.voters(), peer), others.listeners());
    }

    /** With that peer as a listener, and as nothing else. */
    static MemberSet withListener(MemberSet members, Peer peer) {
        MemberSet others = without(members, peer.id());
        return of(others.voters(), with(others.listeners(), peer));
    }

    private static MemberSet of(List<Peer> voters, List<Peer> listeners) {
        return new MemberSet(voters, listeners, false);
    }

    private static List<Peer> without(List<Peer> peers, PeerId id) {
        return peers.stream().filter(peer -> !peer.id().equals(id)).toList();
    }

    private static List<Peer> with(List<Peer> peers, Peer peer) {
        return Stream.concat(peers.stream(), Stream.of(peer)).toList();
    }

    /**
     * Whether Raft, as Ratis has it, changes the one to the other in one step: fewer voters may be new than remain, lest those that
     * remain cannot elect anybody. One voter may become two.
     */
    static boolean isOneStep(MemberSet from, MemberSet to) {
        Set<PeerId> old = ids(from.voters());
        long kept =
                to.voters().stream().filter(voter -> old.contains(voter.id())).count();
        long added = to.voters().size() - kept;
        return added < kept || (old.size() == 1 && kept == 1 && added == 1);
    }

    private MemberSets() {}
}
