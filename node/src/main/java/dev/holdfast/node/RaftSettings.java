package dev.holdfast.node;

/**
 * The settings of Raft that a cluster may choose. All its members should have the same.
 *
 * @param electionTimeoutMinMs how long a follower hears nothing before it stands for election, at least
 * @param electionTimeoutMaxMs and at most
 * @param snapshotEvery how many log entries between two snapshots
 * @param logKept how many entries stay in the log behind a snapshot, for followers that are only a little behind
 * @param logSegmentBytes how large the log's files get; the log is let go of in whole files, the last one never
 */
public record RaftSettings(
        int electionTimeoutMinMs, int electionTimeoutMaxMs, long snapshotEvery, long logKept, long logSegmentBytes) {
    public static final RaftSettings DEFAULT = new RaftSettings(500, 1000, 100_000, 10_000, 16 << 20);

    /** These with other election timeouts, in milliseconds. */
    public RaftSettings electionTimeouts(int minMs, int maxMs) {
        return new RaftSettings(minMs, maxMs, snapshotEvery, logKept, logSegmentBytes);
    }

    /** These with other snapshots and what stays of the log behind one, both in entries. */
    public RaftSettings snapshots(long every, long kept) {
        return new RaftSettings(electionTimeoutMinMs, electionTimeoutMaxMs, every, kept, logSegmentBytes);
    }

    /** These with other files of the log: small ones, so that little of it is enough to be let go of. */
    public RaftSettings logSegments(long bytes) {
        return new RaftSettings(electionTimeoutMinMs, electionTimeoutMaxMs, snapshotEvery, logKept, bytes);
    }
}
