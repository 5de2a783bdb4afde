package dev.holdfast.jepsen.checker;

import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who holds one lockable.
 *
 * @param holds by owner
 * @param lastToken the highest token that was seen granted
 * @param forced the tokens of holds that were taken by force: their holders are told afterwards
 */
record LockState(SortedMap<String, Grip> holds, long lastToken, SortedSet<Long> forced) {
    /** The token of a hold whose grant nobody was told of. */
    static final long TOKEN_UNKNOWN = 0;

    static final LockState FREE = new LockState(Collections.emptySortedMap(), 0, Collections.emptySortedSet());

    /**
     * One owner's hold.
     *
     * @param token {@link #TOKEN_UNKNOWN}, or the hold's
     * @param above the token exceeds this
     * @param count permits, or hold count
     * @param cancellable how much of the count came from acquires that their client may have cancelled
     */
    record Grip(long token, long above, int count, int cancellable) {
        boolean isOf(long otherToken) {
            return token == otherToken || (token == TOKEN_UNKNOWN && otherToken > above) || otherToken == TOKEN_UNKNOWN;
        }

        Grip more(long knownToken, int added, boolean maybeCancelled) {
            return new Grip(knownToken, above, count + added, cancellable + (maybeCancelled ? added : 0));
        }

        Grip less(int taken) {
            return new Grip(token, above, count - taken, Math.min(cancellable, count - taken));
        }

        Grip cancelled(int taken) {
            return new Grip(token, above, count - taken, cancellable - taken);
        }
    }

    LockState {
        holds = Collections.unmodifiableSortedMap(holds);
        forced = Collections.unmodifiableSortedSet(forced);
    }

    @Nullable
    Grip of(String owner) {
        return holds.get(owner);
    }

    int held() {
        return holds.values().stream().mapToInt(Grip::count).sum();
    }

    /** Whether the owner's hold is the one with that token. */
    boolean has(String owner, long token) {
        Grip grip = of(owner);
        return grip != null && grip.isOf(token);
    }

    /** If the grip counts nothing any more, it is gone. */
    LockState with(String owner, Grip grip) {
        if (grip.count == 0) {
            return without(owner);
        }
        TreeMap<String, Grip> changed = new TreeMap<>(holds);
        changed.put(owner, grip);
        return new LockState(changed, Math.max(lastToken, grip.token()), forced);
    }

    LockState without(String owner) {
        TreeMap<String, Grip> changed = new TreeMap<>(holds);
        changed.remove(owner);
        return new LockState(changed, lastToken, forced);
    }

    LockState taken() {
        TreeSet<Long> all = new TreeSet<>(forced);
        holds.values().forEach(grip -> all.add(grip.token()));
        return new LockState(Collections.emptySortedMap(), lastToken, all);
    }
}
