package dev.holdfast.node.internal.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts the names of the files in a folder on the disk, when they may have changed. Used by one thread.
 *
 * <p>POSIX promises nothing of a file that was synced under a name that was not: Ratis creates and renames the segments of its log, and
 * does not sync their folder. Some file systems write the name along with the file; not all do.
 */
public final class DurableNames {
    /**
     * A file system notes the time of a change in steps, and changes within one step look like one. Most have steps of some milliseconds;
     * ext3 has one second, and FAT two.
     */
    static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Puts a folder's names on the disk. */
    public interface Sync {
        void folder(Path folder) throws IOException;
    }

    private final Path folder;
    private final Sync sync;
    private final LongSupplier nanoTime;
    private @Nullable FileTime seen;
    private long seenAtNanos;

    /** Of the changes that are on the disk for certain. */
    private @Nullable FileTime done;

    public DurableNames(Path folder, Sync sync, LongSupplier nanoTime) {
        this.folder = folder;
        this.sync = sync;
        this.nanoTime = nanoTime;
    }

    /** Blocks until all names that the folder has now are on the disk. Costs next to nothing if they have not changed for a while. */
    public void sync() throws IOException {
        FileTime changed = Files.getLastModifiedTime(folder);
        if (changed.equals(done)) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (!changed.equals(seen)) {
            seen = changed;
            seenAtNanos = now;
        }
        sync.folder(folder);
        if (now - seenAtNanos > STEP_NANOS) {
            done = changed;
        }
    }
}
