package dev.holdfast.node.internal.membership;

import dev.holdfast.node.internal.release.Supported;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What a peer says of itself to another, whether there is a cluster yet or not. What a later release adds at the end is not read.
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
 */
public record Meeting(
        UUID list,
        UUID cluster,
        boolean formed,
        Peer peer,
        String named,
        long configurationIndex,
        List<Peer> founders,
        Supported supported) {
    public Meeting {
        founders = List.copyOf(founders);
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
            out.writeUTF(founders.stream().map(Peer::toString).collect(Collectors.joining(",")));
            byte[] reads = supported.encode();
            out.writeInt(reads.length);
            out.write(reads);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException if it is none */
    public static Meeting decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return new Meeting(
                    uuid(in),
                    uuid(in),
                    in.readBoolean(),
                    Peer.parse(in.readUTF()),
                    in.readUTF(),
                    in.readLong(),
                    peers(in.readUTF()),
                    Supported.decode(in.readNBytes(in.readInt())));
        } catch (IOException e) {
            throw new IllegalArgumentException("what it says of itself cannot be read", e);
        }
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
