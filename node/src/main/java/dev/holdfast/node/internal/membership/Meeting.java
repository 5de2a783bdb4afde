package dev.holdfast.node.internal.membership;

import dev.holdfast.node.internal.release.Supported;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a peer says of itself to another, whether there is a cluster yet or not. What a later release adds at the end is not read: that
 * are parts with names, of which each release reads those that it knows.
 *
 * @param list stands for the name, the initial list and the groups that its folder was first started with; {@link #NOBODY} if it
 *     was started to join whatever is there
 * @param cluster its cluster's id; {@link #NOBODY} if it has none
 * @param formed whether that cluster ever had a leader, as far as it knows
 * @param peer itself
 * @param named the peer that the newest settled configuration which it knows names in the other's place: the other itself, or
 *     another incarnation; empty if none, or if it knows of no configuration
 * @param configurationIndex of that configuration; -1 if it knows of none
 * @param founders the peers with which that cluster began, if one of them has the other's name, whatever its incarnation; else none
 * @param supported what its release reads and writes
 * @param joinToken by which it would like to become a member; {@code null} if it has none, or says it to nobody yet
 * @param members of the cluster, for a newcomer that is to meet all of them; else none
 * @param verdicts why newcomers of the other's name have not been let in by their tokens
 */
public record Meeting(
        UUID list,
        UUID cluster,
        boolean formed,
        Peer peer,
        String named,
        long configurationIndex,
        List<Peer> founders,
        Supported supported,
        @Nullable JoinSecret joinToken,
        List<Peer> members,
        Map<PeerId, String> verdicts) {
    private static final String JOIN_TOKEN = "join-token";
    private static final String MEMBERS = "members";
    private static final String VERDICT = "verdict";
    private static final int PART_BYTES_MAX = 1 << 16;
    private static final int VERDICT_CHARS_MAX = 1024;

    public Meeting {
        founders = List.copyOf(founders);
        members = List.copyOf(members);
        verdicts = Map.copyOf(verdicts);
    }

    /** One that is not about joining. */
    public Meeting(
            UUID list,
            UUID cluster,
            boolean formed,
            Peer peer,
            String named,
            long configurationIndex,
            List<Peer> founders,
            Supported supported) {
        this(list, cluster, formed, peer, named, configurationIndex, founders, supported, null, List.of(), Map.of());
    }

    /** The same, with that token. */
    public Meeting withJoinToken(JoinSecret token) {
        return new Meeting(
                list, cluster, formed, peer, named, configurationIndex, founders, supported, token, members, verdicts);
    }

    /** No list, or no cluster. */
    public static final UUID NOBODY = new UUID(0, 0);

    /** Whether it is of a cluster. */
    public boolean isBorn() {
        return !cluster.equals(NOBODY);
    }

    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            put(out, list);
            put(out, cluster);
            out.writeBoolean(formed);
            out.writeUTF(peer.toString());
            out.writeUTF(named);
            out.writeLong(configurationIndex);
            out.writeUTF(join(founders));
            byte[] reads = supported.encode();
            out.writeInt(reads.length);
            out.write(reads);
            if (joinToken != null) {
                put(out, JOIN_TOKEN, joinToken.text());
            }
            if (!members.isEmpty()) {
                put(out, MEMBERS, join(members));
            }
            for (Map.Entry<PeerId, String> verdict : verdicts.entrySet()) {
                put(out, VERDICT, verdict.getKey() + " " + verdict.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException if it is none */
    public static Meeting decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            Meeting first = new Meeting(
                    uuid(in),
                    uuid(in),
                    in.readBoolean(),
                    Peer.parse(in.readUTF()),
                    in.readUTF(),
                    in.readLong(),
                    peers(in.readUTF()),
                    Supported.decode(in.readNBytes(in.readInt())));
            return first.withParts(in);
        } catch (IOException e) {
            throw new IllegalArgumentException("what it says of itself cannot be read", e);
        }
    }

    /** What an older release does not say is not there, and what a newer one adds is left out. */
    private Meeting withParts(DataInputStream in) throws IOException {
        JoinSecret token = null;
        List<Peer> all = List.of();
        Map<PeerId, String> judged = new LinkedHashMap<>();
        while (in.available() > 0) {
            String name = in.readUTF();
            int length = in.readInt();
            if (length < 0 || length > PART_BYTES_MAX) {
                throw new IllegalArgumentException("a part of " + length + " bytes");
            }
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("a part is cut short");
            }
            String value = new String(bytes, StandardCharsets.UTF_8);
            switch (name) {
                case JOIN_TOKEN -> token = new JoinSecret(value);
                case MEMBERS -> all = peers(value);
                case VERDICT -> {
                    int end = value.indexOf(' ');
                    judged.put(PeerId.parse(value.substring(0, Math.max(0, end))), readable(value.substring(end + 1)));
                }
                default -> {
                    // Of a later release.
                }
            }
        }
        return new Meeting(
                list, cluster, formed, peer, named, configurationIndex, founders, supported, token, all, judged);
    }

    /** It is for logs. */
    private static String readable(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= VERDICT_CHARS_MAX ? line : line.substring(0, VERDICT_CHARS_MAX);
    }

    private static void put(DataOutputStream out, String part, String value) throws IOException {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.writeUTF(part);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String join(List<Peer> peers) {
        return peers.stream().map(Peer::toString).collect(Collectors.joining(","));
    }

    private static List<Peer> peers(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",")).map(Peer::parse).toList();
    }

    private static void put(DataOutputStream out, UUID id) throws IOException {
        out.writeLong(id.getMostSignificantBits());
        out.writeLong(id.getLeastSignificantBits());
    }

    private static UUID uuid(DataInputStream in) throws IOException {
        return new UUID(in.readLong(), in.readLong());
    }
}
