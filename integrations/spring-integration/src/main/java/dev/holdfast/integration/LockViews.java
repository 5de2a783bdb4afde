package dev.holdfast.integration;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.Lockable;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** One view of each lock, as long as anybody refers to it. */
final class LockViews {
    private final HoldfastLock lock;
    private final AcquireOptions lease;
    private final ConcurrentMap<String, Entry> entries = new ConcurrentHashMap<>();
    private final ReferenceQueue<LockView> dropped = new ReferenceQueue<>();

    private static final class Entry extends WeakReference<LockView> {
        final String key;

        Entry(String key, LockView view, ReferenceQueue<LockView> dropped) {
            super(view, dropped);
            this.key = key;
        }
    }

    LockViews(HoldfastLock lock, AcquireOptions lease) {
        this.lock = lock;
        this.lease = lease;
    }

    LockView of(Lockable lockable) {
        removeDropped();
        LockView found = get(entries.get(lockable.key()));
        if (found != null) {
            return found;
        }
        LockView fresh = LockView.of(lock, lockable, lease);
        Entry entry = new Entry(lockable.key(), fresh, dropped);
        while (true) {
            Entry other = entries.putIfAbsent(lockable.key(), entry);
            if (other == null) {
                return fresh;
            }
            LockView theirs = get(other);
            if (theirs != null) {
                return theirs;
            }
            entries.remove(lockable.key(), other);
        }
    }

    private static @Nullable LockView get(@Nullable Entry entry) {
        return entry == null ? null : entry.get();
    }

    /** How many there are, those included that were dropped since the last use. */
    int size() {
        return entries.size();
    }

    private void removeDropped() {
        for (Reference<?> each = dropped.poll(); each != null; each = dropped.poll()) {
            if (each instanceof Entry entry) {
                entries.remove(entry.key, entry);
            }
        }
    }
}
