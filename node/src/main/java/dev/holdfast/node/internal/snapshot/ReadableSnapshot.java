package dev.holdfast.node.internal.snapshot;

import dev.holdfast.statemachine.CorruptSnapshotException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import org.apache.ratis.io.MD5Hash;
import org.apache.ratis.statemachine.impl.SimpleStateMachineStorage;
import org.apache.ratis.util.MD5FileUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the latest snapshot in a folder that is not in use can be read. If it is damaged, the one before takes its
 * place, provided that the log reaches back to it: then the peer forgets nothing.
 *
 * <p>See {@code docs/adr/004-snapshots-by-saved-pre-images.md}.
 */
public final class ReadableSnapshot {
    private static final Logger LOG = LoggerFactory.getLogger(ReadableSnapshot.class);
    private static final String DAMAGED_SUFFIX = ".damaged";

    /** A snapshot by its name. */
    public record Stored(Path file, long term, long index) {}

    /** The snapshots in that folder, the latest first. A folder that does not exist has none. */
    public static List<Stored> in(Path folder) throws IOException {
        List<Stored> found = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    Matcher name = SimpleStateMachineStorage.SNAPSHOT_REGEX.matcher(String.valueOf(file.getFileName()));
                    if (name.matches()) {
                        found.add(new Stored(file, Long.parseLong(name.group(1)), Long.parseLong(name.group(2))));
                    }
                }
            }
        }
        found.sort(Comparator.comparingLong(Stored::index).reversed());
        return found;
    }

    /** What is wrong with that file, or an empty string. */
    public static String problem(Path file) throws IOException {
        try {
            var unused = SnapshotFile.verify(file);
            return "";
        } catch (CorruptSnapshotException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * Puts damaged snapshots aside.
     *
     * @param logFirst the index of the log's first entry
     * @param logLast the index of its last one
     * @return the index of the snapshot from which the peer will start, or -1 if it has none
     * @throws IOException if the latest one is damaged and none before it will do, or nothing can be read or written
     */
    public static long settle(Path folder, long logFirst, long logLast) throws IOException {
        List<Stored> snapshots = in(folder);
        for (int i = 0; i < snapshots.size(); i++) {
            Stored candidate = snapshots.get(i);
            if (i > 0 && (candidate.index + 1 < logFirst || logLast < snapshots.get(0).index)) {
                break;
            }
            try {
                restoreDigest(candidate.file, SnapshotFile.verify(candidate.file));
            } catch (CorruptSnapshotException e) {
                LOG.debug("{} cannot be read", candidate, e);
                continue;
            }
            putAside(folder, snapshots.subList(0, i), candidate);
            dropUnreadableDigests(snapshots.subList(i + 1, snapshots.size()));
            return candidate.index;
        }
        if (snapshots.isEmpty()) {
            return -1;
        }
        Stored latest = snapshots.get(0);
        throw new IOException("snapshot " + latest.file + " is damaged (" + problem(latest.file)
                + "), and there is none before it from which the log goes on");
    }

    /** Without it Ratis would pass the snapshot over, or send it in vain. */
    private static void restoreDigest(Path snapshot, MD5Hash digest) throws IOException {
        try {
            if (digest.equals(MD5FileUtil.readStoredMd5ForFile(snapshot.toFile()))) {
                return;
            }
        } catch (IOException e) {
            LOG.debug("the digest of {} cannot be read", snapshot, e);
        }
        LOG.warn(
                "The digest of snapshot {} was missing or damaged, and is written anew; the snapshot is whole",
                snapshot);
        MD5FileUtil.saveMD5File(snapshot.toFile(), digest);
    }

    /** For one of them Ratis would not see any snapshot. */
    private static void dropUnreadableDigests(List<Stored> snapshots) throws IOException {
        for (Stored snapshot : snapshots) {
            try {
                var unused = MD5FileUtil.readStoredMd5ForFile(snapshot.file.toFile());
            } catch (IOException e) {
                LOG.debug("the digest of {} cannot be read", snapshot, e);
                Files.deleteIfExists(
                        MD5FileUtil.getDigestFileForFile(snapshot.file.toFile()).toPath());
            }
        }
    }

    private static void putAside(Path folder, List<Stored> damaged, Stored instead) throws IOException {
        for (Stored snapshot : damaged) {
            LOG.warn(
                    "Snapshot {} is damaged ({}). This peer goes back to {} and the log behind it, and forgets nothing. The"
                            + " damaged file is kept with the suffix {}; check the disk",
                    snapshot.file,
                    problem(snapshot.file),
                    instead.file.getFileName(),
                    DAMAGED_SUFFIX);
            Files.move(
                    snapshot.file,
                    snapshot.file.resolveSibling(snapshot.file.getFileName() + DAMAGED_SUFFIX),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        if (!damaged.isEmpty()) {
            Fsync.folder(folder);
        }
    }

    private ReadableSnapshot() {}
}
