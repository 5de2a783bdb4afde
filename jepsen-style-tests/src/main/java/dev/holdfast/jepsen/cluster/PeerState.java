package dev.holdfast.jepsen.cluster;

/**
 * How far a peer has applied the log, and the hash of its state there: peers that have applied the same must have the
 * same hash.
 *
 * @param applied the index, of each group if there are several
 * @param hash of the state, of each group if there are several
 */
public record PeerState(String peer, String applied, String hash) {}
