package dev.holdfast.node.internal.membership;

import dev.holdfast.client.remote.LeaderHint;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who the members of the first group are, from the peer that leads it. That one need not be among those that the asker knows: a
 * peer that was removed from the first group hears of no member that came afterwards, and may still lead another group. So those who are
 * asked also say who leads.
 */
public final class MembersSearch {
    /**
     * What a peer says.
     *
     * @param members of the first group
     * @param leads whether it leads that group itself
     * @param leader who does, as far as it knows; {@code null} if it does not
     */
    public record Said(
            MemberSet members, boolean leads, @Nullable LeaderHint leader) {}

    /** How peers are asked. */
    public interface Peers {
        /** Empty if there is no answer, or one from another cluster. May block. */
        Optional<Said> ask(LeaderHint peer);
    }

    /**
     * Asks one after the other, none twice, until one says that it leads.
     *
     * @param self not to be asked
     * @param known whom to ask first, in that order
     * @return empty if none says that it leads, or if its members are being changed
     */
    public static Optional<MemberSet> find(String self, Collection<LeaderHint> known, Peers peers) {
        Set<String> asked = new HashSet<>(Set.of(self));
        Deque<LeaderHint> left = new ArrayDeque<>(known);
        while (!left.isEmpty()) {
            LeaderHint next = left.removeFirst();
            Optional<Said> answer = asked.add(next.peerId()) ? peers.ask(next) : Optional.empty();
            if (answer.isEmpty()) {
                continue;
            }
            Said said = answer.get();
            if (said.leads() && said.members().settled()) {
                return Optional.of(said.members());
            }
            if (said.leader() != null) {
                left.addFirst(said.leader());
            }
        }
        return Optional.empty();
    }

    /** Where clients reach that peer. */
    public static LeaderHint at(Peer peer) {
        return new LeaderHint(peer.id().name(), peer.client());
    }

    private MembersSearch() {}
}
