package dev.holdfast.node.internal.storage;

import dev.holdfast.node.internal.snapshot.Fsync;
import dev.holdfast.node.internal.storage.StoredLog.Name;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The segments of a log that an earlier process was writing to, before Ratis goes on with them.
 *
 * <p>What is found in them need not be on the disk: the process may have been killed between a write and its sync, or ended because a
 * sync failed. Ratis counts all that it finds as flushed, and if it closes the segment without adding to it, it never syncs it. The
 * leader would count it towards a majority all the same, and a loss of power would take back what was acknowledged.
 */
public final class OpenSegments {
    private static final String NAMES = "log_inprogress_*";

    /**
     * Removes what was not written to its end, and puts the rest on the disk.
     *
     * @param acknowledged up to which index this peer is known to have acknowledged entries, or -1
     */
    public static void settleIn(Path folder, long acknowledged) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> segments = Files.newDirectoryStream(folder, NAMES)) {
            for (Path segment : segments) {
                Name name = Name.of(segment);
                if (name == null) {
                    continue;
                }
                byte[] content = Files.readAllBytes(segment);
                TornTail.cut(content, segment, name.first(), acknowledged);
                writeAgain(segment, content);
            }
        }
        Fsync.folder(folder);
    }

    // A sync alone is not enough: after one that failed, Linux takes the pages for clean that it could not write.
    private static void writeAgain(Path segment, byte[] content) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        try (FileChannel channel = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private OpenSegments() {}
}
