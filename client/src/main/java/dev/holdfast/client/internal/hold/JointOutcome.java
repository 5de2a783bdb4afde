package dev.holdfast.client.internal.hold;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster decided on an acquire of several locks together.
 *
 * @param each what that means for each of them, in the order of the request; empty if none was granted
 * @param inTheWay the first that was not free; {@code null} if all were granted, or it timed out
 * @param holder who holds that one, {@code null} if nobody does
 * @param waitersAhead how many wait for that one, if nobody holds it; else 0
 */
public record JointOutcome(
        List<AcquireOutcome> each,
        boolean timedOut,
        @Nullable LockableKey inTheWay,
        @Nullable Owner holder,
        int waitersAhead) {
    public JointOutcome {
        each = List.copyOf(each);
    }

    public boolean granted() {
        return !each.isEmpty();
    }
}
