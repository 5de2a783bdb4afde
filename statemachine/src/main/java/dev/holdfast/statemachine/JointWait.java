package dev.holdfast.statemachine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A queued acquire of several mutexes: the place that it has in the queue of each, in the order of the command. It took
 * them all in one step, under numbers of arrival that follow one another. So any two of these, and any two places of
 * theirs, stand in the same order everywhere, and the one that came first of all is at the head wherever it stands. See
 * {@code docs/adr/011-several-locks-at-once.md}.
 */
final class JointWait {
    private final @Nullable Waiter[] places;
    private int taken;

    JointWait(int size) {
        this.places = new Waiter[size];
    }

    int size() {
        return places.length;
    }

    /** Sets the place with that index, once. */
    void set(int index, Waiter place) {
        places[index] = place;
        taken++;
    }

    /** Whether all places are known; always so except while a snapshot is restored. */
    boolean isComplete() {
        return taken == places.length;
    }

    Waiter place(int index) {
        Waiter place = places[index];
        if (place == null) {
            throw new IllegalStateException("place " + index + " is not taken");
        }
        return place;
    }

    /** Whether all of it can be granted now: its owner holds the mutex already, or it is free and nobody comes first. */
    boolean isReady(long nowMs) {
        for (int i = 0; i < places.length; i++) {
            Waiter place = place(i);
            LockableEntry entry = place.entry;
            boolean next = entry.headWaiter() == place && entry.hasRoomFor(place.permits, place.limit);
            Hold own = entry.holdOf(place.owner);
            if (own == null ? !next : !own.isAlive(nowMs) || entry.whyFull(own, place.session) != null) {
                return false;
            }
        }
        return true;
    }

    List<LockableEntry> entries() {
        List<LockableEntry> entries = new ArrayList<>(places.length);
        for (int i = 0; i < places.length; i++) {
            entries.add(place(i).entry);
        }
        return entries;
    }
}
