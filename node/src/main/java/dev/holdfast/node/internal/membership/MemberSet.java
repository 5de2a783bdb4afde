package dev.holdfast.node.internal.membership;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The members of a Raft group, as the newest configuration in a peer's log names them.
 *
 * @param voters those whose votes and acknowledgements count
 * @param listeners those that only follow
 * @param settled whether it is committed, and no change is under way
 */
public record MemberSet(List<Peer> voters, List<Peer> listeners, boolean settled) {
    public MemberSet {
        voters = List.copyOf(voters);
        listeners = List.copyOf(listeners);
    }

    /** Voters and listeners. */
    public Stream<Peer> all() {
        return Stream.concat(voters.stream(), listeners.stream());
    }

    /** The member of that name; {@code null} if there is none. */
    public @Nullable Peer named(String name) {
        return all().filter(peer -> peer.id().name().equals(name)).findFirst().orElse(null);
    }

    /** Whether it names that very peer. */
    public boolean has(PeerId id) {
        return all().anyMatch(peer -> peer.id().equals(id));
    }
}
