package dev.holdfast.node.internal.membership;

import java.util.Collection;

/**
 * A peer that has presented itself, and that no configuration names.
 *
 * @param heardMsAgo how long ago it did so last
 * @param release the release that it runs; empty if it does not know
 * @param tokenHash of the join token that it said, in 64 hexadecimal digits; empty if it said none
 */
public record Newcomer(Peer peer, long heardMsAgo, String release, String tokenHash) {
    /** Whether none of the others has its name: of two, nobody knows who is meant. */
    static boolean isOnlyOne(PeerId newcomer, Collection<PeerId> newcomers) {
        return newcomers.stream().noneMatch(other -> other.name().equals(newcomer.name()) && !other.equals(newcomer));
    }

    /** One that said no token. */
    public Newcomer(Peer peer, long heardMsAgo, String release) {
        this(peer, heardMsAgo, release, "");
    }
}
