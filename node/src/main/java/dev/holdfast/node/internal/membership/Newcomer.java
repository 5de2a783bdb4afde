package dev.holdfast.node.internal.membership;

/**
 * A peer that has presented itself, and that no configuration names.
 *
 * @param heardMsAgo how long ago it did so last
 * @param release the release that it runs; empty if it does not know
 */
public record Newcomer(Peer peer, long heardMsAgo, String release) {}
