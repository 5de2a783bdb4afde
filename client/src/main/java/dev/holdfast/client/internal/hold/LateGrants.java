package dev.holdfast.client.internal.hold;

import dev.holdfast.client.LossReason;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which holds have ended while acquires of their owners were queued. The event that tells of such an acquire's grant may come
 * late. Its owner may have acquired the hold again by then, released it and been told so, all under the same token. The
 * grant is of a hold that is gone then.
 *
 * <p>An acquire that is not queued needs none of this: an owner's commands on one lockable are not under way at the same
 * time.
 *
 * <p>Touched by tasks of the serial executor only.
 */
final class LateGrants {
    private final Map<HoldName, Queued> queued = new HashMap<>();

    private static final class Queued {
        private int acquires;
        private long endedToken;
        private @Nullable LossReason reason;
    }

    void began(HoldName name) {
        queued.computeIfAbsent(name, any -> new Queued()).acquires++;
    }

    void ended(HoldName name) {
        queued.computeIfPresent(name, (any, waiting) -> --waiting.acquires == 0 ? null : waiting);
    }

    /** The cluster counts the hold with that token no longer. */
    void holdEnded(HoldName name, long token, LossReason reason) {
        Queued waiting = queued.get(name);
        if (waiting != null && token > waiting.endedToken) {
            waiting.endedToken = token;
            waiting.reason = reason;
        }
    }

    /** Why a hold with that token is gone already; {@code null} if it is not known to be. */
    @Nullable
    LossReason endOf(HoldName name, long token) {
        Queued waiting = queued.get(name);
        return waiting == null || token > waiting.endedToken ? null : waiting.reason;
    }
}
