package dev.holdfast.node.internal.ratis;

import dev.holdfast.node.internal.membership.MemberSet;

/** Hears what becomes of this peer's part in a group. Calls come from Ratis's threads, one after the other, and must be quick. */
public interface GroupListener {
    /** This peer leads that term and has applied all entries of earlier ones. */
    void leaderReady(long term);

    /** This peer no longer leads. */
    void notLeader();

    /** Those are the members from some applied entry on; it may be an old one, while the peer starts. */
    void configured(MemberSet members);

    /** The log that this peer lacked was gone, so the leader sent a snapshot: the state is now that at this index. */
    void snapshotInstalled(long index);

    /**
     * The peer cannot go on: its log cannot be written, an entry not applied, or its part in the group has ended. Also called
     * when the peer was closed.
     */
    void failed(Throwable cause);
}
