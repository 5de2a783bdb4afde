package dev.holdfast.node.internal.ratis;

import org.jspecify.annotations.Nullable;

/**
 * A peer's part in its Raft group, at some moment.
 *
 * @param leaderId the id of the leader, as far as it knows; {@code null} if it knows of none
 * @param lastIndex the last entry of its log; -1 for none
 * @param committedIndex the last that it knows to be committed; -1 for none
 * @param appliedIndex the last that it applied; -1 for none
 */
public record PeerState(
        Role role, long term, @Nullable String leaderId, long lastIndex, long committedIndex, long appliedIndex) {

    /** What a peer can be. */
    public enum Role {
        LEADER,
        FOLLOWER,
        CANDIDATE,
        /** Not started yet, or stopped. */
        NONE
    }

    /** Of a peer that does not run. */
    public static final PeerState STOPPED = new PeerState(Role.NONE, 0, null, -1, -1, -1);
}
