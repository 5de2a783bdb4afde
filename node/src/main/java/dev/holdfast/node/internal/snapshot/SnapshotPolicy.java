package dev.holdfast.node.internal.snapshot;

/**
 * When a snapshot is taken, and how much log stays behind it.
 *
 * @param entries after how many entries, at the latest
 * @param bytes after how many bytes of log, at the latest; more if the snapshot before is larger than that
 * @param kept how many entries stay behind a snapshot, as long as they have no more than {@code bytes}
 */
public record SnapshotPolicy(long entries, long bytes, long kept) {}
