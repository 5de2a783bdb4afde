package dev.holdfast.node.support;

import dev.holdfast.node.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Data folders as they were before there were incarnations, when a cluster began as soon as a majority of its members was there. Members are
 * their names then.
 */
public final class OldFolders {
    /** Makes the folder of a member that took part, and has nothing in its log. */
    public static Path make(Path folder, UUID cluster, String peer, List<Member> members) throws IOException {
        Path current = Files.createDirectories(folder.resolve("raft/" + cluster + "/current"));
        Files.writeString(current.resolve("raft-meta"), "term=0\nvotedFor=\n");
        Files.writeString(
                folder.resolve("cluster.properties"),
                "name=holdfast\npeer=" + peer + "\ngroups=1\nid=" + cluster + "\nmembers="
                        + members.stream()
                                .sorted(Comparator.comparing(Member::id))
                                .map(Member::toString)
                                .collect(Collectors.joining(","))
                        + "\n");
        return folder;
    }

    private OldFolders() {}
}
