package dev.holdfast.jepsen.cluster;

/** How far a peer has applied the log, and the hash of its state there: peers at one index must have one hash. */
public record PeerState(String peer, long appliedIndex, String hash) {}
