package dev.holdfast.node.internal.leadership;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What one peer tells another of itself.
 *
 * @param group the Raft group of which it speaks; the first has the id of the cluster
 * @param term the latest term that it knows; no vote for a later one was given before this was said
 * @param applied the index up to which it applied that group's log; -1 if it never did
 */
public record Greeting(UUID group, long term, long applied) {
    private static final int BYTES = 4 * Long.BYTES;

    public byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putLong(group.getMostSignificantBits())
                .putLong(group.getLeastSignificantBits())
                .putLong(term)
                .putLong(applied)
                .array();
    }

    /** @throws IllegalArgumentException if it is none */
    public static Greeting decode(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a greeting of " + bytes.length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Greeting(new UUID(buffer.getLong(), buffer.getLong()), buffer.getLong(), buffer.getLong());
    }
}
