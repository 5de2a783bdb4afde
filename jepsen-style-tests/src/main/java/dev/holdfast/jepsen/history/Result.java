package dev.holdfast.jepsen.history;

import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.util.List;

/** What a client was told. */
public sealed interface Result {
    /**
     * The owner holds it.
     *
     * @param token the hold's fencing token
     * @param count the hold's permits, or its hold count, after this acquire; {@link #COUNT_UNKNOWN} if the client
     *     cannot know
     */
    record Granted(long token, int count) implements Result {
        public static final int COUNT_UNKNOWN = 0;

        public boolean isCountKnown() {
            return count != COUNT_UNKNOWN;
        }
    }

    /** Somebody else holds it; nothing changed. */
    record Refused() implements Result {}

    /** Done: released, extended, written, or, for a belief, held. */
    record Done() implements Result {}

    /** The owner does not hold it under that token, or not that many permits; for a belief, it is not sure to. */
    record NotHeld() implements Result {}

    /** The resource has seen a higher token; nothing changed. */
    record Stale() implements Result {}

    /** One hold as the cluster reported it. */
    record HoldSeen(String owner, long token, int count) {}

    /**
     * Who holds it, and who waits.
     *
     * @param holds ordered by token
     * @param waiting the owners that wait, the next one first; possibly not all of them
     */
    record Seen(List<HoldSeen> holds, List<String> waiting) implements Result {
        public Seen {
            holds = List.copyOf(holds);
            waiting = List.copyOf(waiting);
        }

        public Seen(List<HoldSeen> holds) {
            this(holds, List.of());
        }
    }

    /** What the resource holds. */
    record Value(long value) implements Result {}

    /** The operation failed, and certainly changed nothing. */
    record Failed(String why) implements Result {}

    /** Nobody knows: it may have happened, may still happen, or never. */
    record Unknown(String why) implements Result {}

    /**
     * What a client knows after this failure. Unless the operation certainly had no effect, or only that of a refusal,
     * its outcome is unknown. So is the fate of a hold that the client has lost by its own clock: the cluster may count
     * it a little longer.
     */
    static Result of(LockException failure) {
        if (failure instanceof LockNotHeldException) {
            return new NotHeld();
        } else if (failure instanceof LockAlreadyHeldException) {
            return new Refused();
        } else if (failure instanceof LockUnavailableException) {
            return new Failed(failure.toString());
        }
        return new Unknown(failure.toString());
    }
}
