package dev.holdfast.integration;

import dev.holdfast.client.FencedLock;
import dev.holdfast.client.LockHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the unlocks of each thread have left behind; nothing, as a rule. */
final class Leftovers {
    private static final ThreadLocal<List<Leftover>> MINE = ThreadLocal.withInitial(ArrayList::new);

    static void add(Leftover leftover) {
        MINE.get().add(leftover);
    }

    /** Drops those of which nothing is left. */
    static void settle() {
        List<Leftover> mine = MINE.get();
        mine.removeIf(Leftover::settle);
        if (mine.isEmpty()) {
            MINE.remove();
        }
    }

    static void drop(Leftover leftover) {
        MINE.get().remove(leftover);
    }

    /** That of the view, if the calling thread is inside it only because of one. */
    static @Nullable Leftover find(String key, FencedLock view) {
        List<Leftover> mine = MINE.get();
        if (mine.isEmpty()) {
            MINE.remove();
            return null;
        }
        LockHandle current = Leftover.heldBy(view);
        return mine.stream()
                .filter(each -> each.key.equals(key) && (current == null || current == each.handle))
                .findFirst()
                .orElse(null);
    }

    private Leftovers() {}
}
