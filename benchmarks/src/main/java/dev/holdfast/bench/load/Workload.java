package dev.holdfast.bench.load;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;

/** What callers do: acquire and release, again and again. */
public enum Workload {
    /** Each caller has its own key. */
    OWN_KEY("own key", Integer.MAX_VALUE) {
        @Override
        Pair caller(HoldfastClient client, int number) {
            return mutex(client, KEYS.of("own-" + number));
        }
    },

    /** All callers share one key, first come, first served. */
    ONE_KEY("one key, FIFO", 1) {
        @Override
        Pair caller(HoldfastClient client, int number) {
            return mutex(client, KEYS.of("shared"));
        }
    },

    /** Each caller acquires one permit of the same semaphore of eight. */
    SEMAPHORE("semaphore of 8", 8) {
        @Override
        Pair caller(HoldfastClient client, int number) {
            HoldfastSemaphore semaphore = client.createSemaphore(insideMax());
            LockOwner me = LockOwner.unique("bench");
            Lockable lockable = KEYS.of("semaphore");
            return () -> semaphore.hold(me, lockable, 1, PATIENTLY);
        }
    };

    private static final LockableDefinition KEYS = Holdfast.createLockable("bench", LockableOptions.plural());
    private static final AcquireOptions PATIENTLY = AcquireOptions.defaults().waitForever();

    private final String title;
    private final int insideMax;

    Workload(String title, int insideMax) {
        this.title = title;
        this.insideMax = insideMax;
    }

    public String title() {
        return title;
    }

    /** How many may be inside at a time. */
    int insideMax() {
        return insideMax;
    }

    /** The first half of a pair; releasing the handle is the other. */
    interface Pair {
        LockHandle acquire() throws InterruptedException;
    }

    abstract Pair caller(HoldfastClient client, int number);

    private static Pair mutex(HoldfastClient client, Lockable lockable) {
        HoldfastLock lock = client.createLock();
        LockOwner me = LockOwner.unique("bench");
        return () -> lock.hold(me, lockable, PATIENTLY);
    }
}
