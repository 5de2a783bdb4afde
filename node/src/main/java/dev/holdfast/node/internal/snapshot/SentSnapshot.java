package dev.holdfast.node.internal.snapshot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.ratis.util.FileUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Ratis leaves undone when a leader sends a snapshot (3.3.0, {@code SnapshotManager}). Ratis writes it to {@code
 * tmp/snapshot-ID}, moves the folder of the old ones aside as {@code sm.tmpTIME}, moves the new one into its place, and drops
 * the log. It flushes none of this, and if it is killed in between, it starts with a log that has no beginning.
 *
 * <p>See {@code docs/adr/004-snapshots-by-saved-pre-images.md}.
 */
public final class SentSnapshot {
    private static final Logger LOG = LoggerFactory.getLogger(SentSnapshot.class);

    /** Makes what was sent durable. Called before it replaces anything. */
    public static void sync(Path tmp) throws IOException {
        if (!Files.isDirectory(tmp)) {
            return;
        }
        Files.walkFileTree(tmp, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Fsync.file(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                Fsync.folder(folder);
                return super.postVisitDirectory(folder, failure);
            }
        });
    }

    /** Undoes or completes an installation that was cut short, in a group's folder that is not in use. */
    public static void settle(Path group) throws IOException {
        if (!Files.isDirectory(group)) {
            return;
        }
        Path current = group.resolve("sm");
        // The latest first, should an earlier one still be there: the log goes on from that.
        List<Path> aside = named(group, "sm.tmp*");
        aside.sort(Comparator.reverseOrder());
        for (Path old : aside) {
            if (Files.exists(current)) {
                FileUtils.deleteFully(old);
            } else {
                LOG.info("{} is put back: the snapshot that was to replace it was not in place yet", old);
                Files.move(old, current);
                Fsync.folder(group);
            }
        }
        Path tmp = group.resolve("tmp");
        if (Files.isDirectory(tmp)) {
            for (Path begun : named(tmp, "snapshot-*")) {
                FileUtils.deleteFully(begun);
            }
        }
    }

    private static List<Path> named(Path folder, String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
            stream.forEach(found::add);
        }
        return found;
    }

    private SentSnapshot() {}
}
