package dev.holdfast.node.internal.membership;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The ids of a cluster's Raft groups. The first has the id of the cluster, and the id of each tells of the cluster too. */
public final class GroupIds {
    /** That of the group of that number. */
    public static UUID of(UUID cluster, int number) {
        return number == 0
                ? cluster
                : UUID.nameUUIDFromBytes((cluster + "\n" + number).getBytes(StandardCharsets.UTF_8));
    }

    /** Those of all groups. */
    public static Stream<UUID> all(UUID cluster, int groups) {
        return IntStream.range(0, groups).mapToObj(number -> of(cluster, number));
    }

    private GroupIds() {}
}
