package dev.holdfast.statemachine;

import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One owner's hold on one lockable. Its lease is the union of what its acquires asked for: it lives while it is to be
 * kept until released, or its {@linkplain #deadlineMs deadline} lies ahead, or one of the sessions that keep it lives.
 */
final class Hold extends Timed {
    final Owner owner;
    final long token;
    final long sinceMs;

    private int count;
    private long joins;
    private boolean untilReleased;

    /** The sessions that acquired it. */
    private @Nullable HoldLink links;

    private int linkCount;

    Hold(LockableEntry entry, Owner owner, long token, long sinceMs, int count) {
        super(entry);
        this.owner = owner;
        this.token = token;
        this.sinceMs = sinceMs;
        this.count = count;
    }

    @Override
    long tieBreak() {
        return token;
    }

    /** Permits of a semaphore, or the hold count of a reentrant mutex. */
    int count() {
        return count;
    }

    /** How many acquires were granted and not taken back; a cancelled grant leaves the hold to the others. */
    long joins() {
        return joins;
    }

    boolean untilReleased() {
        return untilReleased;
    }

    boolean isAlive(long nowMs) {
        return !entry.isCondemned(this)
                && (untilReleased || hasKeeper() || (deadlineMs() != LogTime.NEVER && deadlineMs() > nowMs));
    }

    /** Whether something of it is over and was not taken off yet. */
    boolean isOutdated(long nowMs) {
        if (deadlineMs() <= nowMs || entry.isCondemned(this)) {
            return true;
        }
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            if (link.session.ended()) {
                return true;
            }
        }
        return false;
    }

    boolean hasKeeper() {
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            if (link.isKeeping()) {
                return true;
            }
        }
        return false;
    }

    /** Adds to the count. */
    void add(int more) {
        entry.beforeChange();
        count += more;
        entry.countChanged(more);
    }

    /** Takes off the count; what sessions keep is not touched. */
    void takeBack(int less) {
        add(-less);
    }

    /**
     * Adds a granted acquire of that session.
     *
     * @param permits what it asked for
     * @param added what it added to the count
     * @param linkOrder the order of the session's link, if it gets one now
     */
    void join(Session session, int permits, int added, LeaseKind lease, long linkOrder) {
        entry.beforeChange();
        joins++;
        HoldLink link = link(session, linkOrder);
        link.join(entry.weightOf(permits));
        if (lease == LeaseKind.SESSION) {
            link.keep(added);
        } else if (lease == LeaseKind.UNTIL_RELEASED) {
            untilReleased = true;
        }
    }

    /** Has that session told of the end of this hold. */
    void attach(Session session, long linkOrder) {
        var unused = link(session, linkOrder);
    }

    /** Whether a session other than the one with that number acquired it, and has not given that back. */
    boolean isKeptByOthersThan(long sessionNumber) {
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            if (link.joins() > 0 && link.session.id.low() != sessionNumber) {
                return true;
            }
        }
        return false;
    }

    /** From now on no session keeps it, and it is not kept until released: only its deadline counts. */
    void keepByTimeAlone() {
        entry.beforeChange();
        untilReleased = false;
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            link.stopKeeping();
        }
    }

    /** Undoes an acquire of that session that added so much to the count. */
    void undoJoin(Session session, int added) {
        entry.beforeChange();
        joins--;
        int left = Math.min(added, count);
        takeBack(left);
        takeKept(session, left);
        HoldLink link = linkOf(session);
        if (link != null) {
            link.takeJoins(entry.weightOf(added));
            if (link.joins() == 0) {
                unlink(link);
            }
        }
    }

    /** Sets what a snapshot recorded. */
    void restore(long joins, boolean untilReleased) {
        entry.beforeChange();
        this.joins = joins;
        this.untilReleased = untilReleased;
    }

    @Nullable
    HoldLink linkOf(Session session) {
        return linkOf(session.id.low());
    }

    /** The link of the session with that number, which the cluster never gives again. */
    @Nullable
    HoldLink linkOf(long sessionNumber) {
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            if (link.session.id.low() == sessionNumber) {
                return link;
            }
        }
        return null;
    }

    /** The session's link, created if it has none. */
    HoldLink link(Session session, long order) {
        HoldLink link = linkOf(session);
        if (link == null) {
            entry.beforeChange();
            link = new HoldLink(session, this, order);
            link.nextOfHold = links;
            links = link;
            linkCount++;
            entry.linked(1);
            session.add(link);
        }
        return link;
    }

    /** How many sessions have a link to it. */
    int linkCount() {
        return linkCount;
    }

    void unlink(HoldLink gone) {
        entry.beforeChange();
        gone.session.remove(gone);
        linkCount--;
        entry.linked(-1);
        if (links == gone) {
            links = gone.nextOfHold;
            return;
        }
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            if (link.nextOfHold == gone) {
                link.nextOfHold = gone.nextOfHold;
                return;
            }
        }
    }

    /**
     * Charges the session with that number for what was given back, by itself or by a later session of its client. When
     * it has nothing left, it no longer keeps the hold alive. What others keep is not touched.
     *
     * @param kept whether it was what the session keeps
     */
    void givenBack(long sessionNumber, int released, boolean kept) {
        entry.beforeChange();
        HoldLink link = linkOf(sessionNumber);
        if (link != null) {
            if (kept) {
                link.takeKept(released);
            }
            joins -= entry.joinsIn(link.takeJoins(released));
            if (link.joins() == 0) {
                unlink(link);
            }
        }
        trimKept();
    }

    /**
     * Takes {@code most} off what that session keeps, then off what the others keep. This is for permits of which
     * nobody said whose acquires added them: sessions may end with less than they keep, never with more.
     */
    void takeKept(Session session, int most) {
        HoldLink own = linkOf(session);
        takeKeptByAny(own == null ? most : most - own.takeKept(most));
    }

    /** Sessions keep no more than there is, whatever their clients say. */
    private void trimKept() {
        int kept = 0;
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            kept += link.kept();
        }
        takeKeptByAny(Math.max(0, kept - count));
    }

    private void takeKeptByAny(int most) {
        int left = most;
        for (HoldLink link : left == 0 ? List.<HoldLink>of() : sortedLinks()) {
            left -= link.takeKept(left);
        }
    }

    /** The links in the order of their sessions' ids, which does not depend on how they came about. */
    List<HoldLink> sortedLinks() {
        if (links == null) {
            return List.of();
        }
        if (links.nextOfHold == null) {
            return List.of(links);
        }
        List<HoldLink> sorted = new ArrayList<>(linkCount);
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            sorted.add(link);
        }
        sorted.sort((a, b) -> a.session.id.compareTo(b.session.id));
        return sorted;
    }

    /** Until when that session may rely on the hold, as far as its own acquires go. */
    long deadlineFor(Session session) {
        if (untilReleased) {
            return LogTime.NEVER;
        }
        HoldLink link = linkOf(session);
        return link != null && link.isKeeping() ? LogTime.NEVER : deadlineMs();
    }

    /** The longest-lived kind of lease that keeps it. */
    LeaseKind leaseKind() {
        if (untilReleased) {
            return LeaseKind.UNTIL_RELEASED;
        }
        return hasKeeper() ? LeaseKind.SESSION : LeaseKind.TTL;
    }
}
