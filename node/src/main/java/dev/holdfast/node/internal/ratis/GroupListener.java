package dev.holdfast.node.internal.ratis;

import dev.holdfast.client.remote.LeaderHint;
import dev.holdfast.node.internal.membership.MemberSet;

/** Hears what becomes of this peer's part in a group. Calls come from Ratis's threads, one after the other, and must be quick. */
public interface GroupListener {
    /** This peer leads that term and has applied all entries of earlier ones. */
    void leaderReady(long term);

    /** This peer no longer leads. */
    void notLeader();

    /** This peer leads, and has asked that one to take over. Until it does, or {@link #keepsLeading} is called, nothing can be written. */
    default void handingOver(LeaderHint to) {}

    /** Nobody has taken over. */
    default void keepsLeading() {}

    /** Those are the members from some applied entry on; it may be an old one, while the peer starts. */
    void configured(MemberSet members);

    /** The log that this peer lacked was gone, so the leader sent a snapshot: the state is now that at this index. */
    void snapshotInstalled(long index);

    /** This peer's disk took that long to sync the log. Called by the thread that writes the log. */
    default void synced(long nanos) {}

    /** This peer has written a snapshot, which took that long. Called by a thread of its own. */
    default void snapshotWritten(long nanos) {}

    /**
     * Ratis has ended this peer's part in the group. It does so when the peer was closed; when it stands for election, and the newest
     * configuration in its log has no vote for it; and when it cannot go on.
     */
    void ended(Throwable cause);

    /** The peer cannot go on: its log cannot be written, or an entry not applied. */
    void failed(Throwable cause);
}
