package dev.holdfast.protocol;

import org.jspecify.annotations.Nullable;

/** Identifies one lockable. */
public record LockableKey(LockableKind kind, String key) implements Comparable<LockableKey> {
    public static LockableKey mutex(String key) {
        return new LockableKey(LockableKind.MUTEX, key);
    }

    public static LockableKey semaphore(String key) {
        return new LockableKey(LockableKind.SEMAPHORE, key);
    }

    // Written by hand, as is equals: every command looks its key up several times, and a record's own methods are slow.
    @Override
    public int hashCode() {
        return kind == LockableKind.MUTEX ? key.hashCode() : ~key.hashCode();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LockableKey that && kind == that.kind && key.equals(that.key);
    }

    @Override
    public int compareTo(LockableKey other) {
        int byKey = key.compareTo(other.key);
        return byKey != 0 ? byKey : kind.compareTo(other.kind);
    }
}
