package dev.holdfast.client.hooks;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The operation that a hook is called for.
 *
 * @param owner who acts; {@code null} for a forced release, which nobody owns
 * @param ttl the TTL asked for; {@code null} where there is none
 * @param count permits of a semaphore, but 1 for a drain; 1 for a lock
 */
public record HookContext(
        @Nullable LockOwner owner,
        Lockable lockable,
        Operation operation,
        @Nullable Duration ttl,
        int count) {

    /** The kind of operation. */
    public enum Operation {
        ACQUIRE,
        RELEASE,
        EXTEND,
        FORCE_RELEASE
    }
}
