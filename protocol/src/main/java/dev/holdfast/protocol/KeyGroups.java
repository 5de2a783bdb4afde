package dev.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Tells which of a cluster's Raft groups a lockable belongs to. One group keeps everything about a key for as long as
 * the cluster lives, so clients and peers of every release and language must agree on it. The group is the CRC-32C of
 * the key's UTF-8 bytes, as an unsigned number, modulo the number of groups. The mutex and the semaphore of one key
 * share their group. See {@code docs/adr/009-groups-by-key.md}.
 */
public final class KeyGroups {
    /** The most groups that a cluster may have. */
    public static final int MAX = 64;

    /**
     * Returns the group of a key.
     *
     * @param groups how many there are, 1 to {@link #MAX}
     * @return 0 to {@code groups - 1}
     */
    public static int of(String key, int groups) {
        if (groups == 1) {
            return 0;
        }
        CRC32C crc = new CRC32C();
        crc.update(key.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % groups);
    }

    private KeyGroups() {}
}
