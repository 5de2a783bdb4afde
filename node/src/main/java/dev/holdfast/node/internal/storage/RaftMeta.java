package dev.holdfast.node.internal.storage;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The file in which Ratis keeps the last term that a peer knew, and whom it voted for in it. */
final class RaftMeta {
    static final String FILE = "raft-meta";

    /** What is wrong with it in that folder of Ratis's, or {@code null}. A new folder has none yet. */
    static @Nullable Damage damage(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return isEmpty(folder) ? null : new Damage(file, 0, "it is missing, and says whom this peer has voted for");
        }
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
            var unused = Long.parseLong(properties.getProperty("term", ""));
            return properties.containsKey("votedFor") ? null : unreadable(file);
        } catch (IllegalArgumentException e) {
            return unreadable(file);
        }
    }

    private static Damage unreadable(Path file) {
        return new Damage(file, 0, "it cannot be read, and says whom this peer has voted for");
    }

    private static boolean isEmpty(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return true;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        }
    }

    private RaftMeta() {}
}
