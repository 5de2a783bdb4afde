package dev.holdfast.client.internal.facade;

import dev.holdfast.client.LockHandle;
import dev.holdfast.protocol.LockableKey;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each thread holds through the {@link java.util.concurrent.locks.Lock} views of one client: all views of a key are one
 * lock. Each thread sees and changes its own claims only, and they go with the thread.
 */
final class ThreadHolds {
    private final ThreadLocal<Map<LockableKey, Claim>> claims = ThreadLocal.withInitial(HashMap::new);

    /** One thread's claim to be inside, which lasts until it unlocks, whatever became of the hold. */
    static final class Claim {
        final LockHandle handle;
        int depth = 1;

        Claim(LockHandle handle) {
            this.handle = handle;
        }
    }

    /** The claim of the calling thread, {@code null} if it has none. */
    @Nullable
    Claim mine(LockableKey key) {
        return claims.get().get(key);
    }

    void enter(LockableKey key, LockHandle handle) {
        claims.get().put(key, new Claim(handle));
    }

    void leave(LockableKey key) {
        Map<LockableKey, Claim> mine = claims.get();
        mine.remove(key);
        if (mine.isEmpty()) {
            claims.remove();
        }
    }
}
