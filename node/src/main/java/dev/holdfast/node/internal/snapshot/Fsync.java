package dev.holdfast.node.internal.snapshot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes the operating system write to disk what it may hold only in memory. */
public final class Fsync {
    private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

    public static void file(Path file) throws IOException {
        force(file, StandardOpenOption.WRITE);
    }

    /** The names in the folder, not the files. Windows has no such call, and refuses to open a folder. */
    public static void folder(Path folder) throws IOException {
        if (!WINDOWS) {
            force(folder, StandardOpenOption.READ);
        }
    }

    private static void force(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    private Fsync() {}
}
