package dev.holdfast.node.internal.membership;

/**
 * A peer that has presented itself, and that no configuration names.
 *
 * @param heardMsAgo how long ago it did so last
 * @param release the release that it runs; empty if it does not know
 * @param tokenHash of the join token that it said, in 64 hexadecimal digits; empty if it said none
 */
public record Newcomer(Peer peer, long heardMsAgo, String release, String tokenHash) {
    /** One that said no token. */
    public Newcomer(Peer peer, long heardMsAgo, String release) {
        this(peer, heardMsAgo, release, "");
    }
}
