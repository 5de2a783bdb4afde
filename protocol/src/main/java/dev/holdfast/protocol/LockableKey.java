package dev.holdfast.protocol;

/** Names one lockable. */
public record LockableKey(LockableKind kind, String key) implements Comparable<LockableKey> {
    public static LockableKey mutex(String key) {
        return new LockableKey(LockableKind.MUTEX, key);
    }

    public static LockableKey semaphore(String key) {
        return new LockableKey(LockableKind.SEMAPHORE, key);
    }

    @Override
    public int compareTo(LockableKey other) {
        int byKey = key.compareTo(other.key);
        return byKey != 0 ? byKey : kind.compareTo(other.kind);
    }
}
