package dev.holdfast.client.internal.hold;

import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster decided on an acquire.
 *
 * @param handle {@code null} if it was not granted
 * @param count what the hold counts now, 0 if it was not granted
 * @param holder who is in the way, {@code null} if only waiters are or it is not known
 * @param waitersAhead how many waiters were in the way, if nothing else was; else 0
 */
public record AcquireOutcome(
        @Nullable HoldHandle handle,
        boolean reacquired,
        int count,
        boolean timedOut,
        @Nullable Owner holder,
        int available,
        int waitersAhead) {

    static AcquireOutcome granted(HoldHandle handle, Outcome.Granted grant) {
        return new AcquireOutcome(handle, grant.reacquired(), grant.count(), false, null, 0, 0);
    }

    static AcquireOutcome refused(Outcome.Refused refused) {
        int ahead = refused.waitersAhead();
        return new AcquireOutcome(
                null, false, 0, false, ahead > 0 ? null : refused.holder(), refused.available(), ahead);
    }

    static AcquireOutcome waitedInVain() {
        return new AcquireOutcome(null, false, 0, true, null, 0, 0);
    }
}
