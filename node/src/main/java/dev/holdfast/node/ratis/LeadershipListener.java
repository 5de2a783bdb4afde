package dev.holdfast.node.ratis;

/** Hears of this peer's leadership. Calls come from Ratis's threads, one after the other, and must be quick. */
public interface LeadershipListener {
    /** This peer leads that term and has applied all entries of earlier ones. */
    void leaderReady(long term);

    /** This peer does not lead any more. */
    void notLeader();

    /** The peer cannot go on: its log cannot be written, or an entry not applied. */
    void failed(Throwable cause);
}
