package dev.holdfast.server;

import dev.holdfast.server.process.ChildJvm;
import dev.holdfast.server.process.Folders;
import dev.holdfast.server.shell.ExitCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Makes the archive of classes with which the launcher has nodes and commands start faster: a child JVM runs the nodes of a cluster and
 * each command once, and archives what it has loaded.
 */
public final class ClassArchive {
    private static final Set<String> OF_ALL_JVMS =
            Set.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH");

    /** Three nodes with hardly any locks. */
    private static final String HEAP = "-Xmx128m";

    private static final int ATTEMPTS = 5;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** Exits with 0 once the file, which is the one argument, is there and whole. */
    public static void main(String[] args) throws InterruptedException {
        Logging.set();
        try {
            make(Path.of(args[0]));
            System.exit(ExitCode.DONE);
        } catch (IOException e) {
            System.err.println("holdfast: " + e);
            System.exit(ExitCode.FAILED);
        }
    }

    /**
     * Makes it, and blocks until it is there. A file of that name appears only when it is whole; one that was there is replaced.
     *
     * @throws IOException if it could not be made; a file that was there is still there
     */
    public static void make(Path archive) throws IOException, InterruptedException {
        Path unfinished = archive.resolveSibling(archive.getFileName() + ".unfinished");
        try {
            for (int attempt = 1; !isMade(unfinished, attempt == ATTEMPTS); attempt++) {
                Files.deleteIfExists(unfinished);
            }
            sync(unfinished);
            Files.move(unfinished, archive, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    /**
     * Makes it, and tells whether that succeeded: now and then, JDK 17 crashes while it archives.
     *
     * @throws IOException if it failed otherwise, or this was the last attempt
     */
    private static boolean isMade(Path archive, boolean isLast) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("holdfast-archive");
        try {
            return train(folder, archive, isLast);
        } finally {
            Folders.deleteQuietly(folder);
        }
    }

    /** A JVM crashes on an archive of which a part is missing, as it could be after a loss of power. */
    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * What the user has set for nodes and commands, and for all JVMs. The training must not take it for its own: it would start its
     * nodes on the user's data, or at the user's addresses.
     */
    private static List<String> settings() {
        return System.getenv().keySet().stream()
                .filter(name -> name.startsWith("HOLDFAST_") || OF_ALL_JVMS.contains(name))
                .toList();
    }

    private static boolean train(Path folder, Path archive, boolean isLast) throws IOException, InterruptedException {
        List<String> complaints = new CopyOnWriteArrayList<>();
        Path crash = folder.resolve("crash.log");
        try (ChildJvm child = ChildJvm.plan("the training of the class archive", Training.class)
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .jvmOptions(HEAP)
                // Nobody wants to hear of a crash.
                .jvmOptions("-XX:ErrorFile=" + crash, "-XX:-CreateCoredumpOnCrash")
                .jvmOptions("-XX:ArchiveClassesAtExit=" + archive, "-Xlog:disable", "-Xlog:all=error:stderr")
                .arguments(folder.toString())
                .notInheriting(settings())
                .errors(complaints::add)
                .guarded()
                .start()) {
            int exitCode = child.awaitEnd(PATIENCE);
            // One that crashes and dumps no core exits with 1.
            boolean hasCrashed = exitCode >= ExitCode.ofSignal(1) || Files.exists(crash);
            if (exitCode != 0 && (isLast || !hasCrashed)) {
                throw new IOException("the training ended with " + exitCode + ": " + String.join("; ", complaints));
            }
            return exitCode == 0;
        }
    }

    private ClassArchive() {}
}
