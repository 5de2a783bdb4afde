package dev.holdfast.spring;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What one thread holds, and which of it the methods hold that are running on it. Forgotten as soon as that is nothing. */
final class ThreadHolds {
    private static final ThreadLocal<@Nullable ThreadHolds> OF_THREAD = new ThreadLocal<>();

    /** A transaction that ends on another thread takes its own out. */
    private final Map<Hold.Key, Hold> holds = new ConcurrentHashMap<>();

    /** The innermost comes first. */
    private final ArrayDeque<Hold> running = new ArrayDeque<>();

    static ThreadHolds ofThread() {
        ThreadHolds mine = OF_THREAD.get();
        if (mine == null) {
            mine = new ThreadHolds();
            OF_THREAD.set(mine);
        }
        return mine;
    }

    /** What the innermost method holds that is running on this thread; {@code null} if there is none. */
    static @Nullable Hold innermost() {
        ThreadHolds mine = OF_THREAD.get();
        return mine == null ? null : mine.running.peek();
    }

    /** Whether nothing is kept for this thread. */
    static boolean isForgotten() {
        return OF_THREAD.get() == null;
    }

    /** What the methods hold that are running on this thread. */
    static List<Hold> running() {
        ThreadHolds mine = OF_THREAD.get();
        return mine == null ? List.of() : List.copyOf(mine.running);
    }

    /** What the thread holds of that lock, or has lost; {@code null} if nothing, or if it has released it itself. */
    @Nullable
    Hold find(Hold.Key key) {
        Hold hold = holds.get(key);
        return hold == null || hold.handle().state() == HoldState.RELEASED ? null : hold;
    }

    Hold add(Hold.Key key, LockHandle handle) {
        Hold hold = new Hold(key, handle, this);
        holds.put(key, hold);
        return hold;
    }

    void remove(Hold hold) {
        holds.remove(hold.key(), hold);
        forgetIfEmpty();
    }

    void enter(Hold hold) {
        running.push(hold);
    }

    void leave() {
        running.pop();
        forgetIfEmpty();
    }

    void forgetIfEmpty() {
        if (OF_THREAD.get() == this && running.isEmpty() && holds.isEmpty()) {
            OF_THREAD.remove();
        }
    }
}
