package dev.holdfast.statemachine;

import org.jspecify.annotations.Nullable;

/** That a session acquired a hold: an element of the session's doubly linked list and of the hold's list. */
final class HoldLink {
    final Session session;
    final Hold hold;

    /** Whether the session's life keeps the hold alive: one of its acquires asked for a SESSION lease. */
    boolean keepsAlive;

    /**
     * What the session's acquires weigh that were granted, and neither taken nor given back: one each of a mutex, their
     * permits of a semaphore. With nothing left the session has no part in the hold.
     */
    int joins;

    /**
     * How much of the hold's count the session's acquires with a SESSION lease added, as far as nobody gave it back: that
     * much ends with the session, though others may keep the hold alive. Of a mutex that is not reentrant it is nothing.
     */
    int kept;

    @Nullable
    HoldLink nextOfHold;

    @Nullable
    HoldLink previousOfSession;

    @Nullable
    HoldLink nextOfSession;

    HoldLink(Session session, Hold hold) {
        this.session = session;
        this.hold = hold;
    }

    /** Takes up to so many off what the session keeps, and tells how many. */
    int takeKept(int most) {
        int taken = Math.min(kept, most);
        kept -= taken;
        return taken;
    }
}
