package dev.holdfast.protocol;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Which of a cluster's Raft groups a lockable belongs to. All that is known of a key is kept by one group, the same for as
 * long as the cluster lives, so clients and peers of every release and language must agree: the CRC-32C of the key's UTF-8
 * bytes, as an unsigned number, modulo the number of groups. The lock and the semaphore of one key share their group.
 */
public final class KeyGroups {
    /** Most groups of a cluster. */
    public static final int MAX = 64;

    /**
     * The group of that key.
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
