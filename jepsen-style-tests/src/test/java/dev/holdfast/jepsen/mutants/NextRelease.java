package dev.holdfast.jepsen.mutants;

import dev.holdfast.jepsen.cluster.Release;
import dev.holdfast.protocol.ProtocolVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The product with semantics of the machine that it does not know yet: once they are in force, every second token is left out. Members
 * that do not switch at the same entry, or do not all switch, are no copies of one another any more.
 */
public final class NextRelease {
    /** The newest semantics that it knows. */
    public static final int SEMANTICS = ProtocolVersion.SEMANTICS + 1;

    private static final String CONSTANT = "ProtocolVersion.SEMANTICS";
    private static final String DECLARED = "int SEMANTICS = ";
    private static final String TOKEN = "++state.lastToken";

    /**
     * Compiles it.
     *
     * @param root of the repository
     * @param folder empty, for what is compiled
     */
    public static Release of(Path root, Path folder) throws IOException {
        List<Path> changed = new ArrayList<>();
        for (String module : List.of("protocol", "statemachine", "client", "node", "server")) {
            for (Path file : sources(root.resolve(module).resolve("src/main/java"))) {
                String source = Files.readString(file);
                String next = source.replace(DECLARED + ProtocolVersion.SEMANTICS, DECLARED + SEMANTICS)
                        .replace(TOKEN, "(state.lastToken += state.semantics < " + SEMANTICS + " ? 1 : 2)");
                // Where the constant is used, its value is in the compiled class.
                if (!next.equals(source) || source.contains(CONSTANT)) {
                    Path copy = folder.resolve("src").resolve(root.relativize(file));
                    Files.createDirectories(copy.getParent());
                    changed.add(Files.writeString(copy, next));
                }
            }
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        MutatedProduct.compile(changed, classes);
        return Release.changed("the next release", classes);
    }

    private static List<Path> sources(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    private NextRelease() {}
}
