package dev.holdfast.node.internal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that Ratis does not run out of space in the middle of replacing its small files: where that fails, Ratis 3.3.0
 * leaves an empty file in place of the old one ({@code AtomicFileOutputStream}).
 */
public final class FreeSpace {
    private static final Logger LOG = LoggerFactory.getLogger(FreeSpace.class);

    /** Ratis fills the file that it begins with zeros, 4 MiB; and there is one more when it goes on to the next. */
    private static final long BYTES_PER_GROUP = 8 << 20;

    private static final long BYTES_BESIDES = 8 << 20;
    private static final int LOW_BYTES = 1 << 20;
    private static final int PROBE_BYTES = 64 << 10;
    private static final int MIB = 1 << 20;
    private static final long UNKNOWN = -1;
    private static final String PROBE = "space-probe";

    private final Path folder;
    private final Usable usable;
    private volatile long latestBytes = UNKNOWN;

    /** How many bytes a process may still write in a folder. */
    public interface Usable {
        long bytes(Path folder) throws IOException;
    }

    public FreeSpace(Path folder) {
        this(folder, each -> Files.getFileStore(each).getUsableSpace());
    }

    FreeSpace(Path folder, Usable usable) {
        this.folder = folder;
        this.usable = usable;
    }

    /** @throws IOException if there is not enough space to start that many groups; nothing was changed then */
    public void checkForStart(int groups) throws IOException {
        long needed = BYTES_BESIDES + groups * BYTES_PER_GROUP;
        long left = usable.bytes(folder);
        String advice = "a start needs " + needed / MIB + " MiB. Free some and start it again; nothing was changed";
        if (left < needed) {
            throw new IOException(
                    "the disk of the data folder " + folder + " has " + left / MIB + " MiB left, and " + advice);
        }
        // There may be a quota that the file system does not tell of.
        probe("; " + advice);
    }

    /** @throws IOException if there is no space left for a peer that runs */
    public void checkWhileRunning() throws IOException {
        long left;
        try {
            left = usable.bytes(folder);
            latestBytes = left;
        } catch (IOException e) {
            latestBytes = UNKNOWN;
            LOG.debug("it cannot be found out how much space is left", e);
            return;
        }
        // Some file systems say 0 whatever is left.
        if (left < LOW_BYTES) {
            probe(". It has " + left / 1024 + " KiB left");
        }
    }

    /** What was left when it was last looked at while running. Does not ask the file system, which may take its time. */
    public OptionalLong latestBytes() {
        long latest = latestBytes;
        return latest == UNKNOWN ? OptionalLong.empty() : OptionalLong.of(latest);
    }

    private void probe(String more) throws IOException {
        Path file = folder.resolve(PROBE);
        try {
            write(file);
        } catch (IOException e) {
            throw new IOException(
                    "the disk of the data folder " + folder + " is full (" + e.getMessage() + ")" + more, e);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void write(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(PROBE_BYTES);
            while (zeros.hasRemaining()) {
                channel.write(zeros);
            }
            channel.force(true);
        }
    }
}
