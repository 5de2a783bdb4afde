package dev.holdfast.node.internal.membership;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Decides how a group gets from its configuration to that of the first group: one member at a time, and never by a step that could not be
 * committed. It has no effects.
 */
final class GroupSteps {

    /** The configuration to go to next; empty if none that is on the way can be committed now, or if it is there. */
    static Optional<MemberSet> next(MemberSet own, MemberSet target, Answers answers) {
        if (answers.spare(own.voters()) < 0) {
            return Optional.empty();
        }
        return candidates(own, target).stream()
                .filter(GroupSteps::hasNoNameTwice)
                .filter(step -> !step.voters().isEmpty() && answers.spare(step.voters()) >= 0)
                .filter(step -> MemberSets.isOneStep(own, step))
                .filter(step -> step.all().allMatch(peer -> own.has(peer.id()) || answers.has(peer.id())))
                .findFirst();
    }

    /** The steps of which the way consists, those first that make a majority safer. */
    private static List<MemberSet> candidates(MemberSet own, MemberSet target) {
        Set<PeerId> ownVoters = MemberSets.ids(own.voters());
        Set<PeerId> targetVoters = MemberSets.ids(target.voters());
        List<Peer> gone = own.voters().stream()
                .filter(peer -> !targetVoters.contains(peer.id()))
                .toList();
        List<Peer> come = target.voters().stream()
                .filter(peer -> !ownVoters.contains(peer.id()))
                .toList();
        List<MemberSet> steps = new ArrayList<>();
        for (Peer to : come) {
            gone.stream()
                    .filter(from -> from.id().name().equals(to.id().name()))
                    .forEach(from -> steps.add(MemberSets.withVoter(left(own, from, target), to)));
        }
        come.stream().filter(to -> !isNamed(own, to)).forEach(to -> steps.add(MemberSets.withVoter(own, to)));
        for (Peer to : come) {
            gone.forEach(from -> steps.add(MemberSets.withVoter(left(own, from, target), to)));
        }
        gone.forEach(from -> steps.add(left(own, from, target)));
        own.listeners().stream()
                .filter(peer -> !target.has(peer.id()))
                .forEach(peer -> steps.add(MemberSets.without(own, peer.id())));
        target.listeners().stream()
                .filter(peer -> !own.has(peer.id()) && !isNamed(own, peer))
                .forEach(peer -> steps.add(MemberSets.withListener(own, peer)));
        return steps;
    }

    /** Without the vote of that peer, which may be a listener from then on. */
    private static MemberSet left(MemberSet own, Peer from, MemberSet target) {
        return target.has(from.id()) ? MemberSets.withListener(own, from) : MemberSets.without(own, from.id());
    }

    private static boolean hasNoNameTwice(MemberSet members) {
        return members.all().map(peer -> peer.id().name()).distinct().count()
                == members.all().count();
    }

    /** Whether another incarnation has its name: no name may be there twice. */
    private static boolean isNamed(MemberSet own, Peer peer) {
        return own.all()
                .anyMatch(other -> other.id().name().equals(peer.id().name())
                        && !other.id().equals(peer.id()));
    }

    private GroupSteps() {}
}
