package dev.holdfast.node.ratis;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Has the operating system put on disk what it may hold in memory only. */
final class Fsync {
    static void file(Path file) throws IOException {
        force(file, StandardOpenOption.WRITE);
    }

    /** The names in it, not what they name. */
    static void folder(Path folder) throws IOException {
        force(folder, StandardOpenOption.READ);
    }

    private static void force(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    private Fsync() {}
}
