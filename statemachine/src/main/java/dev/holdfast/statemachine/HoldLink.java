package dev.holdfast.statemachine;

import org.jspecify.annotations.Nullable;

/** One session's share in one hold: an element of the session's doubly linked list and of the hold's list. */
final class HoldLink {
    final Session session;
    final Hold hold;

    /** Rises with every link of the machine: the order in which they end with their session. */
    final long order;

    private boolean keepsAlive;
    private long joins;
    private int kept;

    @Nullable
    HoldLink nextOfHold;

    @Nullable
    HoldLink previousOfSession;

    @Nullable
    HoldLink nextOfSession;

    HoldLink(Session session, Hold hold, long order) {
        this.session = session;
        this.hold = hold;
        this.order = order;
    }

    /** Whether the hold stays alive while the session lives: one of its acquires asked for a SESSION lease. */
    boolean keepsAlive() {
        return keepsAlive;
    }

    /** Whether the session keeps the hold alive now. */
    boolean isKeeping() {
        return keepsAlive && !session.ended();
    }

    /**
     * The weight of the session's granted acquires, less what was given or taken back. An acquire of a mutex weighs 1,
     * an acquire of a semaphore its permits. At 0 the session has no share in the hold, and is
     * only told of its end.
     */
    long joins() {
        return joins;
    }

    /**
     * How much of the hold's count the session's acquires with a SESSION lease added, less what was given back. That
     * much ends with the session, even if others keep the hold alive. 0 for a mutex that is not reentrant.
     */
    int kept() {
        return kept;
    }

    /** Adds an acquire of that weight. */
    void join(int weight) {
        hold.entry.beforeChange();
        joins += weight;
    }

    /** Takes off up to {@code most} of the weight and returns how much. */
    int takeJoins(int most) {
        hold.entry.beforeChange();
        int taken = (int) Math.min(joins, most);
        joins -= taken;
        return taken;
    }

    /** From now on the session keeps the hold alive, and {@code added} of its count besides what it keeps already. */
    void keep(int added) {
        hold.entry.beforeChange();
        keepsAlive = true;
        kept += added;
    }

    /** Takes off up to {@code most} of what the session keeps and returns how much. */
    int takeKept(int most) {
        hold.entry.beforeChange();
        int taken = Math.min(kept, most);
        kept -= taken;
        return taken;
    }

    /** From now on the session keeps nothing of the hold, and is only told of its end. */
    void stopKeeping() {
        hold.entry.beforeChange();
        keepsAlive = false;
        kept = 0;
    }

    /** Sets what a snapshot recorded. */
    void restore(boolean keepsAlive, long joins, int kept) {
        hold.entry.beforeChange();
        this.keepsAlive = keepsAlive;
        this.joins = joins;
        this.kept = kept;
    }
}
