package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.protocol.Limits;
import java.util.List;

/**
 * One thing that can be locked. Usually made by a {@link LockableDefinition}. A lock and a semaphore with the same key are
 * independent of each other.
 *
 * @param name what kind of thing it is, for people and hooks
 * @param key what the cluster knows it by: at most {@link #KEY_BYTES_MAX} bytes in UTF-8, no control characters
 */
public record Lockable(String name, String key) {
    /** The longest key, in bytes of UTF-8. */
    public static final int KEY_BYTES_MAX = Limits.KEY_BYTES_MAX;

    /** @throws LockRequestRejectedException if the name or the key is not acceptable */
    public Lockable {
        Names.check("a lockable's name", name, Limits.KEY_BYTES_MAX);
        Names.check("the key of lockable '" + name + "'", key, Limits.KEY_BYTES_MAX);
    }

    /** The parts that the key was made of; see {@link LockableKeys#split}. */
    public List<String> parts() {
        return LockableKeys.split(key);
    }
}
