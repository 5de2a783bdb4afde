package dev.holdfast.jepsen.workload;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A few keys that many contend for, each replaced by a new one when it has been used for a while: the history of a key stays
 * short enough to be judged. Thread-safe.
 */
final class BoundedKeys {
    private record Key(String name, AtomicInteger uses) {}

    private final String prefix;
    private final int usesMax;
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicReferenceArray<Key> current;

    BoundedKeys(String prefix, int count, int usesMax) {
        this.prefix = prefix;
        this.usesMax = usesMax;
        this.current = new AtomicReferenceArray<>(count);
        for (int i = 0; i < count; i++) {
            current.set(i, newKey());
        }
    }

    private Key newKey() {
        return new Key(prefix + "-" + made.incrementAndGet(), new AtomicInteger());
    }

    int count() {
        return current.length();
    }

    /** The key in that place, for one more use. */
    String use(int place) {
        Key key = current.get(place);
        if (key.uses.incrementAndGet() > usesMax) {
            current.compareAndSet(place, key, newKey());
        }
        return key.name;
    }
}
