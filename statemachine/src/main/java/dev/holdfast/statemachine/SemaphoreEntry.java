package dev.holdfast.statemachine;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import org.jspecify.annotations.Nullable;

/**
 * A semaphore has one hold per owner, which counts the owner's permits. An acquire is granted if its permits fit into
 * the limit that it brings along, and if nobody waits; its owner's hold gets it no precedence. A hold lasts while it
 * has permits.
 */
final class SemaphoreEntry extends LockableEntry {
    private int permitsHeld;

    SemaphoreEntry(LockableKey lockable) {
        super(lockable);
    }

    @Override
    int held() {
        return permitsHeld;
    }

    @Override
    boolean admits(@Nullable Hold own, Command.Acquire acquire) {
        return waiterCount() == 0 && hasRoomFor(acquire.permits(), acquire.limit());
    }

    @Override
    @Nullable
    Waiter firstAdmittedWith(Owner owner) {
        return null;
    }

    @Override
    int addedBy(int permits, boolean reentrant) {
        return permits;
    }

    @Override
    int weightOf(int permits) {
        return permits;
    }

    /** Permits do not tell which acquires they came from, and {@link #isAbandoned} does not ask. */
    @Override
    int joinsIn(int weightGivenBack) {
        return 0;
    }

    @Override
    boolean isAbandoned(Hold hold) {
        return hold.count() == 0;
    }

    @Override
    int leftToOthers(int rest) {
        return Math.max(0, rest);
    }

    @Override
    void countChanged(int by) {
        permitsHeld += by;
    }
}
