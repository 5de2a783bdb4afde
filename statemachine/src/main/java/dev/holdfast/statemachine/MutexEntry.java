package dev.holdfast.statemachine;

import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import org.jspecify.annotations.Nullable;

/**
 * A mutex has at most one hold, of one owner. All acquires of that owner share it: they are granted at once, whoever
 * waits. The hold counts 1 and one more for each further reentrant acquire; any other acquire adds nothing, and is only
 * recorded as a join. The hold lasts while one of its acquires is left, whatever it counts.
 */
final class MutexEntry extends LockableEntry {

    MutexEntry(LockableKey lockable) {
        super(lockable);
    }

    @Override
    int held() {
        return holdCount();
    }

    /** An owner is never in its own way. */
    @Override
    boolean admits(@Nullable Hold own, Command.Acquire acquire) {
        return own != null || isIdle();
    }

    /** All of the owner's waiters: the same acquires would be granted if they arrived now, as far as this mutex goes. */
    @Override
    @Nullable
    Waiter firstAdmittedWith(Owner owner) {
        return firstWaiterOf(owner);
    }

    @Override
    int addedBy(int permits, boolean reentrant) {
        return reentrant ? permits : 0;
    }

    @Override
    int weightOf(int permits) {
        return 1;
    }

    @Override
    int joinsIn(int weightGivenBack) {
        return weightGivenBack;
    }

    @Override
    boolean isAbandoned(Hold hold) {
        return hold.count() == 0 || hold.joins() <= 0;
    }

    /** At least 1: an acquire that added nothing, because the owner held the mutex already, relies on the hold too. */
    @Override
    int leftToOthers(int rest) {
        return Math.max(1, rest);
    }

    @Override
    void countChanged(int by) {
        // A mutex is held or not, however often.
    }
}
