package dev.holdfast.bench.cluster;

import dev.holdfast.server.ClassArchive;
import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * An archive of classes for the peers, of those on this JVM's class path. Peers that the launcher starts have one of theirs; each peer that
 * is started while this one is there uses it.
 */
public final class SharedClasses implements AutoCloseable {
    private static final String OFF = "off";

    private final String archive;

    private SharedClasses(String archive) {
        this.archive = archive;
    }

    /** Makes it, which takes some seconds; none if that fails, or {@code HOLDFAST_CLASS_ARCHIVE} is {@code off}, as for the launcher. Blocks. */
    public static SharedClasses make(Consumer<String> complaint) throws IOException, InterruptedException {
        if (OFF.equals(System.getenv("HOLDFAST_CLASS_ARCHIVE"))) {
            return none();
        }
        Path file = Files.createTempDirectory("holdfast-bench").resolve("classes.jsa");
        try {
            ClassArchive.make(file);
        } catch (IOException e) {
            Files.deleteIfExists(Objects.requireNonNull(file.getParent()));
            complaint.accept("the peers start without an archive of classes, as none could be made: " + e.getMessage());
            return none();
        }
        System.setProperty(ChildJvm.CLASS_ARCHIVE, file.toString());
        return new SharedClasses(file.toString());
    }

    public static SharedClasses none() {
        return new SharedClasses("");
    }

    @Override
    public void close() throws IOException {
        if (!archive.isEmpty()) {
            System.clearProperty(ChildJvm.CLASS_ARCHIVE);
            Path file = Path.of(archive);
            Files.deleteIfExists(file);
            Files.deleteIfExists(Objects.requireNonNull(file.getParent()));
        }
    }
}
