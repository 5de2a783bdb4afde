package dev.holdfast.jepsen.cluster;

import dev.holdfast.node.SecretFile;
import java.io.IOException;
import java.nio.file.Path;

/** The secret by which the members of a cluster know each other: in a file beside their data folders. */
final class MembersSecret {
    private static final String NAME = "members.secret";

    /** @param folder in which the members have their data folders */
    static void create(Path folder) throws IOException {
        SecretFile.create(folder.resolve(NAME));
    }

    /** Of the member with that data folder. */
    static Path beside(Path data) {
        return data.resolveSibling(NAME);
    }

    private MembersSecret() {}
}
