package dev.holdfast.node.internal.snapshot;

import dev.holdfast.statemachine.LockMachine;
import dev.holdfast.statemachine.SnapshotCapture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.ratis.util.MD5FileUtil;

/** Makes snapshot files of an empty machine. */
final class Snapshots {
    static List<byte[]> pieces() {
        List<byte[]> pieces = new ArrayList<>();
        SnapshotCapture capture = new LockMachine().capture();
        while (!capture.isComplete()) {
            pieces.addAll(capture.take(100).pieces());
        }
        return pieces;
    }

    /** A snapshot with its digest, as Ratis names it. */
    static Path in(Path folder, long index) throws Exception {
        Files.createDirectories(folder);
        Path file = write(folder.resolve("snapshot.1_" + index), pieces());
        MD5FileUtil.saveMD5File(file.toFile(), SnapshotFile.verify(file));
        return file;
    }

    static Path write(Path file, List<byte[]> pieces) throws IOException {
        try (SnapshotFile.Writer writer = new SnapshotFile.Writer(file)) {
            for (byte[] piece : pieces) {
                writer.write(piece);
            }
            writer.finish();
        }
        return file;
    }

    /** Turns one bit over in the middle of the file. */
    static void damage(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    private Snapshots() {}
}
