package dev.holdfast.node;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Which cluster a data folder belongs to. The id is made at the first start from the cluster's name, its initial members
 * and the number of its groups, so peers that were started with different ones belong to different clusters from the first
 * message on. A peer without others has nobody to agree with: its id is random, so that clients can tell it from any other that
 * is called the same. The id is kept in the folder. A later start with any of these, or the peer's id, changed is refused.
 *
 * <p>See docs/adr/010-one-list-one-cluster.md.
 */
final class ClusterIdentity {
    static final String FILE = "cluster.properties";

    /** @throws IOException if the folder cannot be used, or belongs to another peer or cluster */
    static UUID establish(Path folder, String clusterName, String peerId, List<Member> members, int groups)
            throws IOException {
        String list = canonical(members);
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            // One group is not mentioned: the id stays what it was before there could be more.
            String spread = groups == 1 ? "" : "\n" + groups + " groups";
            UUID id = members.size() == 1
                    ? UUID.randomUUID()
                    : UUID.nameUUIDFromBytes(
                            ("holdfast\n" + clusterName + "\n" + list + spread).getBytes(StandardCharsets.UTF_8));
            write(file, clusterName, peerId, list, groups, id);
            return id;
        }
        Properties stored = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            stored.load(in);
        }
        check(file, stored, "peer", peerId);
        check(file, stored, "name", clusterName);
        check(file, stored, "members", list);
        stored.putIfAbsent("groups", "1");
        check(file, stored, "groups", String.valueOf(groups));
        try {
            return UUID.fromString(stored.getProperty("id", ""));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " has no cluster id: it is damaged. Restore it", e);
        }
    }

    /** Whether a peer has ever used that folder. */
    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(FILE));
    }

    private static void check(Path file, Properties stored, String key, String given) throws IOException {
        String known = stored.getProperty(key);
        if (!given.equals(known)) {
            throw new IOException("the data folder " + file.getParent() + " was made for " + key + " \"" + known
                    + "\" and is now opened with " + key + " \"" + given
                    + "\". Start it with what it was made for, or use another folder");
        }
    }

    private static String canonical(List<Member> members) {
        // A single peer talks to no other, so its ports are not part of what it is.
        if (members.size() == 1) {
            return members.get(0).id();
        }
        return members.stream()
                .sorted(Comparator.comparing(Member::id))
                .map(Member::toString)
                .collect(Collectors.joining(","));
    }

    private static void write(Path file, String name, String peerId, String members, int groups, UUID id)
            throws IOException {
        Properties properties = new Properties();
        properties.setProperty("name", name);
        properties.setProperty("peer", peerId);
        properties.setProperty("members", members);
        properties.setProperty("groups", String.valueOf(groups));
        properties.setProperty("id", id.toString());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        properties.store(bytes, "The cluster that this data folder belongs to. Do not edit.");
        Path temporary = file.resolveSibling(FILE + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private ClusterIdentity() {}
}
