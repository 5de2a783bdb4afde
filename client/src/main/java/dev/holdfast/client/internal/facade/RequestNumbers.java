package dev.holdfast.client.internal.facade;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.protocol.Lease;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.Limits;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks and converts the numbers in requests. */
final class RequestNumbers {

    /** @throws LockRequestRejectedException if it is out of range */
    static long ttlMs(Duration ttl) {
        return AcquireOptions.defaults().ttl(ttl).ttl().orElseThrow().toMillis();
    }

    static @Nullable Duration ttlOrNull(Lease lease) {
        return lease.kind() == LeaseKind.TTL ? Duration.ofMillis(lease.ttlMs()) : null;
    }

    /** @throws LockRequestRejectedException if it is not 1 to {@link Limits#PERMITS_MAX} */
    static int permits(String what, int permits) {
        if (permits < 1 || permits > Limits.PERMITS_MAX) {
            throw new LockRequestRejectedException(
                    Reason.INVALID, what + " must be 1 to " + Limits.PERMITS_MAX + ", but is " + permits);
        }
        return permits;
    }

    /** @throws LockRequestRejectedException if these cannot be asked for together: none, too many, or one twice */
    static void lockables(Collection<Lockable> lockables) {
        if (lockables.isEmpty() || lockables.size() > Limits.LOCKABLES_PER_ACQUIRE_MAX) {
            throw new LockRequestRejectedException(
                    Reason.INVALID,
                    "1 to " + Limits.LOCKABLES_PER_ACQUIRE_MAX + " locks can be acquired together, but these are "
                            + lockables.size());
        }
        Set<String> keys = new HashSet<>();
        for (Lockable lockable : lockables) {
            if (!keys.add(lockable.key())) {
                throw new LockRequestRejectedException(
                        Reason.INVALID, "'" + lockable.key() + "' is twice among the locks to be acquired together");
            }
        }
    }

    /** {@code null} if the options have none. */
    static @Nullable Long timeoutNanos(AcquireOptions options) {
        return options.timeout().map(Duration::toNanos).orElse(null);
    }

    /** @throws LockRequestRejectedException if it is out of range */
    static Duration requestTimeout(Duration timeout) {
        return ClientOptions.defaults().requestTimeout(timeout).requestTimeout();
    }

    private RequestNumbers() {}
}
