package dev.holdfast.node;

/**
 * The settings of Raft that a cluster may choose. All its members should have the same. Why the defaults are what they are,
 * and what is not for choice: {@code docs/adr/005-ratis-settings.md}.
 *
 * @param electionTimeoutMinMs how long a follower hears nothing from its leader before it stands for election: at least this
 *     many milliseconds
 * @param electionTimeoutMaxMs and at most this many; each time a follower picks one between the two at random
 * @param snapshotEvery the number of log entries between two snapshots, at most
 * @param snapshotEveryBytes the number of bytes of log between two snapshots, at most; or the size of the snapshot before, if
 *     that is larger. With the snapshots, it bounds the data folder: the log has up to twice this, and two of its files more
 * @param logKept the number of entries that stay in the log behind a snapshot, for followers that are only a little behind, as
 *     long as they have no more than {@code snapshotEveryBytes}. What came since the snapshot before always stays
 * @param logSegmentBytes the size of the log's files, in bytes. The log is deleted in whole files, and the last one never
 */
public record RaftSettings(
        int electionTimeoutMinMs,
        int electionTimeoutMaxMs,
        long snapshotEvery,
        long snapshotEveryBytes,
        long logKept,
        long logSegmentBytes) {
    /** 500 to 1000 ms; a snapshot every 100,000 entries or 128 MiB, with 10,000 entries kept behind it; files of 16 MiB. */
    public static final RaftSettings DEFAULT = new RaftSettings(500, 1000, 100_000, 128 << 20, 10_000, 16 << 20);

    /** These with other election timeouts, in milliseconds. */
    public RaftSettings electionTimeouts(int minMs, int maxMs) {
        return new RaftSettings(minMs, maxMs, snapshotEvery, snapshotEveryBytes, logKept, logSegmentBytes);
    }

    /** These with other numbers of entries between snapshots, and kept in the log behind one. */
    public RaftSettings snapshots(long every, long kept) {
        return new RaftSettings(
                electionTimeoutMinMs, electionTimeoutMaxMs, every, snapshotEveryBytes, kept, logSegmentBytes);
    }

    /** These with another number of bytes of log between snapshots. */
    public RaftSettings snapshotBytes(long every) {
        return new RaftSettings(
                electionTimeoutMinMs, electionTimeoutMaxMs, snapshotEvery, every, logKept, logSegmentBytes);
    }

    /** These with another size of the log's files, in bytes: the smaller they are, the sooner old entries are deleted. */
    public RaftSettings logSegments(long bytes) {
        return new RaftSettings(
                electionTimeoutMinMs, electionTimeoutMaxMs, snapshotEvery, snapshotEveryBytes, logKept, bytes);
    }
}
