package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.MemberChangeException;
import dev.holdfast.client.remote.MemberChangeException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a change of the members is judged by.
 *
 * @param leader this peer, which leads
 * @param members the settled configuration of the first group
 * @param answers of the members
 * @param newcomers who presents itself, and is no member
 */
record Situation(PeerId leader, MemberSet members, Answers answers, List<Newcomer> newcomers) {
    Situation {
        newcomers = newcomers.stream()
                .filter(newcomer -> !members.has(newcomer.peer().id()))
                .toList();
    }

    /** The newcomer of that name; {@code null} if there is none. */
    @Nullable
    Peer newcomer(String name) {
        List<Peer> found = newcomers.stream()
                .map(Newcomer::peer)
                .filter(peer -> peer.id().name().equals(name))
                .toList();
        if (found.size() > 1) {
            throw new MemberChangeException(
                    Reason.NO_SUCH_NEWCOMER,
                    "two peers present themselves as '" + name + "': " + found.get(0) + " and " + found.get(1)
                            + ". Stop one of them, or give it a name of its own");
        }
        return found.isEmpty() ? null : found.get(0);
    }

    /** Of those that answer, the one that is furthest, and would be the best to lead or to vote. Not this peer. */
    Optional<Peer> furthest(Stream<Peer> peers) {
        return peers.filter(peer -> answers.has(peer.id()) && !peer.id().equals(leader))
                .max(Comparator.comparing((Peer peer) -> answers.applied(peer.id()))
                        .thenComparing(peer -> peer.id().name(), Comparator.reverseOrder()));
    }

    /** How many entries it is behind the leader. */
    long lag(PeerId peer) {
        return Math.max(0, answers.applied(leader) - answers.applied(peer));
    }
}
