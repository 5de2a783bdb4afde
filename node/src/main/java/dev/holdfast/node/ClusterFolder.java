package dev.holdfast.node;

import dev.holdfast.node.internal.membership.GroupIds;
import dev.holdfast.node.internal.membership.Meeting;
import dev.holdfast.node.internal.membership.Peer;
import dev.holdfast.node.internal.membership.PeerId;
import dev.holdfast.node.internal.storage.DurableFile;
import dev.holdfast.node.internal.storage.NewGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which peer a data folder is, and of which cluster. On its first use it receives an incarnation, and keeps the list of initial members
 * with which it was used: both before anybody hears of it. The cluster's id comes later, when the cluster is born, or when the peer finds
 * one that is there. All of that is kept for good, so a later start as another peer, or of another cluster, is refused. What is written is
 * on the disk when a method returns.
 *
 * <p>A folder that was made before there were incarnations has none; its peer is what it always was.
 *
 * <p>See docs/adr/016-incarnations.md.
 */
final class ClusterFolder {
    static final String FILE = "cluster.properties";

    private static final String COMMENT = "The peer and the cluster that this data folder belongs to. Do not edit.";
    private static final String FORMAT = "2";
    private static final String REPLACE =
            "Empty the folder, all of it. The peer then starts as one that the cluster does not know,"
                    + " and says how to let it take the place of the one that was lost";

    private final Path file;
    private final int groups;

    /** As it is on the disk; never changed. */
    private volatile Properties stored;

    private ClusterFolder(Path file, Properties stored, int groups) {
        this.file = file;
        this.stored = stored;
        this.groups = groups;
    }

    /**
     * Opens the folder, or takes it into use.
     *
     * @param list the initial members
     * @param joins whether it is to look for a cluster that is there, and never to be one of those with which it begins
     * @throws IOException if the folder cannot be used, has lost something, or belongs to another peer or cluster
     */
    static ClusterFolder open(
            Path folder, String clusterName, String peer, List<Member> list, int groups, boolean joins)
            throws IOException {
        Path file = folder.resolve(FILE);
        Path raft = folder.resolve("raft");
        if (!Files.exists(file)) {
            if (!isEmpty(raft)) {
                throw new IOException(raft + " has logs, and " + file
                        + " is missing, which says whose they are. Restore it. " + REPLACE);
            }
            Properties made = new Properties();
            made.setProperty("format", FORMAT);
            made.setProperty("name", clusterName);
            made.setProperty("peer", peer);
            made.setProperty("members", canonical(list));
            made.setProperty("groups", String.valueOf(groups));
            made.setProperty("joins", String.valueOf(joins));
            made.setProperty("incarnation", PeerId.random(peer).incarnation());
            ClusterFolder fresh = new ClusterFolder(file, made, groups);
            fresh.write(made);
            return fresh;
        }
        Properties stored = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            stored.load(in);
        }
        stored.putIfAbsent("groups", "1");
        stored.putIfAbsent("joins", "false");
        ClusterFolder known = new ClusterFolder(file, stored, groups);
        known.check("peer", peer);
        known.check("name", clusterName);
        known.check("groups", String.valueOf(groups));
        known.adopt(list);
        known.checkMembers(list, joins);
        known.checkLogs(raft);
        return known;
    }

    /**
     * Makes the folder that of a founder of a cluster that begins with what is there in its groups already.
     *
     * @param founders all of them
     */
    static void found(Path folder, String clusterName, PeerId self, UUID cluster, List<Peer> founders, int groups)
            throws IOException {
        Properties made = new Properties();
        made.setProperty("name", clusterName);
        made.setProperty("peer", self.name());
        made.setProperty(
                "members", canonical(founders.stream().map(Peer::member).toList()));
        made.setProperty("groups", String.valueOf(groups));
        made.setProperty("joins", "false");
        new ClusterFolder(folder.resolve(FILE), made, groups).found(self, cluster, founders);
    }

    /**
     * The same for a folder of another cluster, which it then no longer belongs to. It takes one write, once all of its groups are there.
     * What it was started with stays, so that those who are started with the same find it.
     */
    static void foundAnew(Path folder, PeerId self, UUID cluster, List<Peer> founders) throws IOException {
        Path file = folder.resolve(FILE);
        Properties before = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            before.load(in);
        }
        before.remove("answered");
        new ClusterFolder(file, before, 0).found(self, cluster, founders);
    }

    private void found(PeerId self, UUID cluster, List<Peer> founders) throws IOException {
        Properties founded = copy();
        founded.setProperty("format", FORMAT);
        founded.setProperty("incarnation", self.incarnation());
        founded.setProperty("id", cluster.toString());
        founded.setProperty("born", join(founders));
        write(founded);
    }

    /** Whether a peer has ever used that folder. */
    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(FILE));
    }

    /** A folder that was made before there were incarnations goes on as what it was; all of its list are founders. */
    private void adopt(List<Member> list) throws IOException {
        if (stored.getProperty("format") != null) {
            if (isBorn()) {
                checkId();
            }
            if (!FORMAT.equals(stored.getProperty("format"))) {
                throw new IOException(file + " is of format " + stored.getProperty("format")
                        + ", which this release does not know: use the release that made it, or a later one");
            }
            return;
        }
        checkId();
        String members = stored.getProperty("members", "");
        List<Member> founders = members.contains("=")
                ? Arrays.stream(members.split(",")).map(Member::parse).toList()
                : list;
        Properties adopted = copy();
        adopted.setProperty("format", FORMAT);
        adopted.setProperty("incarnation", "");
        adopted.setProperty(
                "born",
                join(founders.stream()
                        .map(member -> Peer.of(new PeerId(member.id(), ""), member))
                        .toList()));
        write(adopted);
    }

    private void checkMembers(List<Member> list, boolean joins) throws IOException {
        if (isBorn()) {
            // Who the members are is said by the log. The list serves to find them.
            return;
        }
        if (joins || Boolean.parseBoolean(stored.getProperty("joins"))) {
            // It has not answered anybody who founds a cluster, or never will again.
            Properties changed = copy();
            changed.setProperty("members", canonical(list));
            changed.setProperty("joins", String.valueOf(joins));
            write(changed);
            return;
        }
        check("members", canonical(list));
    }

    private void checkLogs(Path raft) throws IOException {
        String removed = stored.getProperty("removed");
        if (removed != null) {
            throw new MemberRemovedException(
                    "the data folder " + file.getParent() + " is that of a member that was removed from its cluster."
                            + " To have it join again, empty the folder, all of it");
        }
        if (!isBorn()) {
            forgetInterruptedBirth(raft);
            if (!isEmpty(raft)) {
                throw new IOException(raft + " has logs, and " + file
                        + " names no cluster: one of the two is older than the other. " + REPLACE);
            }
            return;
        }
        for (UUID group : GroupIds.all(cluster(), groups).toList()) {
            if (!NewGroup.isIn(raft, group)) {
                throw new IOException(
                        NewGroup.folder(raft, group) + " was emptied or is missing: the log, and whom this peer has"
                                + " voted for, are lost. The cluster relies on them, so this peer must not start as the one that it was. "
                                + REPLACE);
            }
        }
    }

    /** A birth that did not get as far as the id. Nothing was written to these logs yet. */
    private void forgetInterruptedBirth(Path raft) throws IOException {
        String bearing = stored.getProperty("bearing");
        if (bearing != null) {
            for (UUID group : GroupIds.all(UUID.fromString(bearing), groups).toList()) {
                NewGroup.forget(raft, group);
            }
        }
    }

    /** What this peer is. */
    PeerId self() {
        return new PeerId(stored.getProperty("peer", ""), stored.getProperty("incarnation", ""));
    }

    /**
     * Stands for the cluster's name, its initial members and the number of its groups: peers that were started with the same have the
     * same. {@link Meeting#NOBODY} if it joins.
     */
    UUID list() {
        if (joins()) {
            return Meeting.NOBODY;
        }
        // One group is not mentioned: the id stays what it was before there could be more.
        String spread = groups == 1 ? "" : "\n" + groups + " groups";
        String all = "holdfast\n" + stored.getProperty("name") + "\n" + stored.getProperty("members") + spread;
        return UUID.nameUUIDFromBytes(all.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether it looks for a cluster that is there. */
    boolean joins() {
        return Boolean.parseBoolean(stored.getProperty("joins"));
    }

    /** Whether it has a cluster. */
    boolean isBorn() {
        return stored.getProperty("id") != null;
    }

    /** Its cluster's id. */
    UUID cluster() {
        return UUID.fromString(stored.getProperty("id"));
    }

    /** The members with which the cluster began; empty if this peer came later. */
    List<Peer> founders() {
        String born = stored.getProperty("born", "");
        return born.isEmpty()
                ? List.of()
                : Arrays.stream(born.split(",")).map(Peer::parse).toList();
    }

    /** Whose call to found a cluster this peer answered last; {@code null} if it never did. */
    @Nullable
    PeerId answered() {
        String text = stored.getProperty("answered");
        return text == null ? null : PeerId.parse(text);
    }

    /** Answers that one's call: what was answered before is void. */
    synchronized void answer(PeerId convener) throws IOException {
        if (!convener.equals(answered())) {
            Properties changed = copy();
            changed.setProperty("answered", convener.toString());
            write(changed);
        }
    }

    /**
     * The peer has a cluster from now on.
     *
     * @param founders with which it begins; empty if it is there already
     */
    synchronized void belongTo(UUID cluster, List<Peer> founders) throws IOException {
        Properties changed = copy();
        changed.setProperty("bearing", cluster.toString());
        write(changed);
        for (UUID group : GroupIds.all(cluster, groups).toList()) {
            NewGroup.make(file.resolveSibling("raft"), group);
        }
        changed = copy();
        changed.remove("bearing");
        changed.setProperty("id", cluster.toString());
        changed.setProperty("born", join(founders));
        write(changed);
    }

    /** Whether the peer is a member, as far as it knows, or has been one: only then can it have been removed. */
    boolean wasMember() {
        return stored.getProperty("member") != null || isFounder();
    }

    /** Whether the cluster began with it. */
    boolean isFounder() {
        return founders().stream().anyMatch(peer -> peer.id().equals(self()));
    }

    /** The peer was let in. */
    synchronized void letIn() throws IOException {
        if (!wasMember()) {
            Properties changed = copy();
            changed.setProperty("member", "true");
            write(changed);
        }
    }

    /** The peer is no member any more, and never will be again. */
    synchronized void removed() throws IOException {
        Properties changed = copy();
        changed.setProperty("removed", "true");
        write(changed);
    }

    private void checkId() throws IOException {
        try {
            var unused = cluster();
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new IOException(file + " has no cluster id: it is damaged. Restore it", e);
        }
    }

    private void check(String key, String given) throws IOException {
        String known = stored.getProperty(key);
        if (!given.equals(known)) {
            throw new IOException("the data folder " + file.getParent() + " was made for " + key + " \"" + known
                    + "\" and is now opened with " + key + " \"" + given
                    + "\". Start it with what it was made for, or use another folder");
        }
    }

    private static String join(List<Peer> peers) {
        return peers.stream().map(Peer::toString).sorted().collect(Collectors.joining(","));
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

    private static boolean isEmpty(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return true;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            return !files.iterator().hasNext();
        }
    }

    private Properties copy() {
        Properties copy = new Properties();
        copy.putAll(stored);
        return copy;
    }

    /** Nobody hears of it before it is on the disk. */
    private void write(Properties properties) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        properties.store(bytes, COMMENT);
        DurableFile.write(file, bytes.toByteArray());
        stored = properties;
    }
}
