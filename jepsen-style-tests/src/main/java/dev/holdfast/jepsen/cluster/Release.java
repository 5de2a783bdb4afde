package dev.holdfast.jepsen.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * A build of Holdfast that a peer can run.
 *
 * @param name for people to read
 * @param classPath its classes, those of this harness among them, and everything that they need
 */
public record Release(String name, String classPath) {
    private static final String OWN_JARS = "holdfast-";
    private static final String HARNESS = PeerMain.class.getName().replace('.', '/') + ".class";

    /** The one that this process runs. */
    public static Release present() {
        return new Release("the present build", System.getProperty("java.class.path"));
    }

    /**
     * The one whose jars are in that folder. What they need of other projects is taken from there too, and what is not there from this
     * process.
     *
     * @throws IOException if the folder cannot be read, or lacks the jar with {@link PeerMain}
     */
    public static Release in(Path folder) throws IOException {
        List<Path> jars = jars(folder);
        boolean hasHarness = false;
        for (Path jar : jars) {
            try (JarFile opened = new JarFile(jar.toFile())) {
                hasHarness |= opened.getEntry(HARNESS) != null;
            }
        }
        if (!hasHarness) {
            throw new IOException(folder + " has no jar with " + PeerMain.class.getName()
                    + ": it must have all jars of a release, that of its Jepsen-style tests too");
        }
        return new Release(String.valueOf(folder), joined(jars));
    }

    /** Classes in front of those of the present build. */
    public static Release changed(String name, Path classes) {
        return new Release(name, classes.toAbsolutePath() + File.pathSeparator + present().classPath);
    }

    private static List<Path> jars(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .map(Path::toAbsolutePath)
                    .sorted()
                    .toList();
        }
    }

    private static String joined(List<Path> jars) {
        List<String> entries = new ArrayList<>(jars.stream().map(Path::toString).toList());
        Arrays.stream(present().classPath.split(File.pathSeparator, -1))
                .filter(Release::isOfAnotherProject)
                .forEach(entries::add);
        return String.join(File.pathSeparator, entries);
    }

    /** Within a build, the present modules are folders. */
    private static boolean isOfAnotherProject(String entry) {
        Path file = Path.of(entry);
        return Files.isRegularFile(file) && !String.valueOf(file.getFileName()).startsWith(OWN_JARS);
    }

    @Override
    public String toString() {
        return name;
    }
}
