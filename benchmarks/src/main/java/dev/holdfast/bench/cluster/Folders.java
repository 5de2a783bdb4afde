package dev.holdfast.bench.cluster;

import dev.holdfast.node.FreePorts;
import dev.holdfast.node.Member;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Names, addresses and folders of three peers. */
final class Folders {
    private static final List<String> IDS = List.of("a", "b", "c");

    static List<Member> members() throws IOException {
        List<Integer> ports = FreePorts.find(2 * IDS.size());
        List<Member> members = new ArrayList<>();
        for (int i = 0; i < IDS.size(); i++) {
            members.add(new Member(IDS.get(i), "127.0.0.1", ports.get(2 * i), ports.get(2 * i + 1)));
        }
        return members;
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private Folders() {}
}
