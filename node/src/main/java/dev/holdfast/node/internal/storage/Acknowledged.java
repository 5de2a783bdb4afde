package dev.holdfast.node.internal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The file that says how far a group's log must reach at least: up to an entry that is committed, and that this peer had on its
 * disk. Nothing takes such an entry from a log, so a log that ends before it was cut back, or is an older copy.
 *
 * <p>It is written now and then, and not flushed: an older content only proves less. It lies beside the group's folder, so that
 * it outlives that folder's being emptied.
 */
public final class Acknowledged {
    /** What the file has behind the name of the group's folder. */
    public static final String SUFFIX = ".acknowledged";

    private static final int BYTES = Long.BYTES + Integer.BYTES;

    private final Path file;
    private long written = -1;

    /** @param group the folder in which Ratis keeps the group */
    public Acknowledged(Path group) {
        this.file = group.resolveSibling(group.getFileName() + SUFFIX);
    }

    /** The index that was written last, or -1 if nothing that can be read is there. Call it before the first {@link #write}. */
    public long read() throws IOException {
        if (!Files.exists(file)) {
            return -1;
        }
        byte[] content = Files.readAllBytes(file);
        if (content.length != BYTES) {
            return -1;
        }
        ByteBuffer buffer = ByteBuffer.wrap(content);
        long index = buffer.getLong();
        written = buffer.getInt() == checksum(index) ? index : -1;
        return written;
    }

    /** Writes it, unless as much is written already. */
    public void write(long index) throws IOException {
        if (index <= written) {
            return;
        }
        ByteBuffer content = ByteBuffer.allocate(BYTES)
                .putLong(index)
                .putInt(checksum(index))
                .flip();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (content.hasRemaining()) {
                channel.write(content, content.position());
            }
        }
        written = index;
    }

    private static int checksum(long index) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(index).flip());
        return (int) crc.getValue();
    }
}
