package dev.holdfast.client.internal.hold;

import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster decided on an acquire.
 *
 * @param handle {@code null} if it was not granted
 * @param count what the hold counts now, 0 if it was not granted
 * @param holder who is in the way, {@code null} if nobody is or it is not known
 */
public record AcquireOutcome(
        @Nullable HoldHandle handle,
        boolean reacquired,
        int count,
        boolean timedOut,
        @Nullable Owner holder,
        int available) {

    static AcquireOutcome granted(HoldHandle handle, Outcome.Granted grant) {
        return new AcquireOutcome(handle, grant.reacquired(), grant.count(), false, null, 0);
    }

    static AcquireOutcome refused(Outcome.Refused refused) {
        return new AcquireOutcome(null, false, 0, false, refused.holder(), refused.available());
    }

    static AcquireOutcome waitedInVain() {
        return new AcquireOutcome(null, false, 0, true, null, 0);
    }
}
