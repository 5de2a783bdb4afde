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
     */
    record Grip(long token, long above, int count) {
        boolean isOf(long otherToken) {
            return token == otherToken || (token == TOKEN_UNKNOWN && otherToken > above) || otherToken == TOKEN_UNKNOWN;
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

    LockState with(String owner, Grip grip) {
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
