package dev.holdfast.client;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.holdfast.client.hooks.LockHooks;
import java.util.ArrayList;
import java.util.List;

/** How a lock or semaphore behaves. Immutable; each method returns a copy. */
@CheckReturnValue
public final class LockOptions {
    private static final LockOptions DEFAULTS = new LockOptions(false, List.of());

    private final boolean reentrant;
    private final List<LockHooks> hooks;

    private LockOptions(boolean reentrant, List<LockHooks> hooks) {
        this.reentrant = reentrant;
        this.hooks = hooks;
    }

    /** Not reentrant, without hooks. */
    public static LockOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Each acquire by the owner that holds the lock counts, and the lock is free after as many releases. Without this, such
     * an acquire is granted without counting, and one release frees the lock. Either way it may prolong the hold's lease,
     * never shorten it. Has no effect on semaphores, nor on acquires that name no owner, as each of those is by an owner of
     * its own.
     */
    public LockOptions reentrant() {
        return new LockOptions(true, hooks);
    }

    /** Adds hooks, which run after those that were added before. */
    public LockOptions hooks(LockHooks more) {
        List<LockHooks> all = new ArrayList<>(hooks);
        all.add(more);
        return new LockOptions(reentrant, List.copyOf(all));
    }

    public boolean isReentrant() {
        return reentrant;
    }

    public List<LockHooks> hooks() {
        return hooks;
    }
}
