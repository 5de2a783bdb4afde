package dev.holdfast.statemachine;

import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One owner's grip on one lockable. Its lease is the union of what its acquires asked for: it lives while it is to be kept
 * until released, or its {@linkplain #deadlineMs deadline} is ahead, or one of the sessions that keep it lives.
 */
final class Hold extends Timed {
    final LockableEntry entry;
    final Owner owner;
    final long token;
    final long sinceMs;

    /** Permits of a semaphore, or the hold count of a reentrant mutex. */
    int count;

    /** How many acquires were granted and not taken back; a cancelled grant leaves the hold to the others. */
    int joins;

    boolean untilReleased;

    /** The sessions that acquired it. */
    @Nullable
    HoldLink links;

    Hold(LockableEntry entry, Owner owner, long token, long sinceMs) {
        this.entry = entry;
        this.owner = owner;
        this.token = token;
        this.sinceMs = sinceMs;
    }

    @Override
    long tieBreak() {
        return token;
    }

    boolean isAlive(long nowMs) {
        return untilReleased || hasKeeper() || (deadlineMs != LogTime.NEVER && deadlineMs > nowMs);
    }

    boolean hasKeeper() {
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            if (link.keepsAlive) {
                return true;
            }
        }
        return false;
    }

    @Nullable
    HoldLink linkOf(Session session) {
        return linkOf(session.id.low());
    }

    /** The cluster never gives a session's number again. */
    @Nullable
    HoldLink linkOf(long sessionNumber) {
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            if (link.session.id.low() == sessionNumber) {
                return link;
            }
        }
        return null;
    }

    HoldLink link(Session session) {
        HoldLink link = linkOf(session);
        if (link == null) {
            link = new HoldLink(session, this);
            link.nextOfHold = links;
            links = link;
            session.add(link);
        }
        return link;
    }

    void unlink(HoldLink gone) {
        gone.session.remove(gone);
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
     * The session with that number gave back so many, itself or through a later session of its client; with nothing left it
     * keeps the hold alive no longer. What others keep is not touched.
     *
     * @param kept whether it was what the session keeps
     */
    void givenBack(long sessionNumber, int released, boolean kept) {
        HoldLink link = linkOf(sessionNumber);
        if (link != null) {
            if (kept) {
                link.takeKept(released);
            }
            int own = Math.min(link.joins, released);
            link.joins -= own;
            if (entry.isMutex()) {
                joins -= own;
            }
            if (link.joins == 0) {
                unlink(link);
            }
        }
        trimKept();
    }

    /**
     * Takes so many off what that session keeps, then off what others do: for what was given back, and nobody said whose
     * acquires had added it. Sessions may end with less than they keep then, and never with more.
     */
    void takeKept(Session session, int most) {
        HoldLink own = linkOf(session);
        takeFromAll(own == null ? most : most - own.takeKept(most));
    }

    /** Sessions keep no more than there is, whatever their clients say. */
    private void trimKept() {
        int kept = 0;
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            kept += link.kept;
        }
        takeFromAll(Math.max(0, kept - count));
    }

    private void takeFromAll(int most) {
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
        List<HoldLink> sorted = new ArrayList<>();
        for (HoldLink link = links; link != null; link = link.nextOfHold) {
            sorted.add(link);
        }
        if (sorted.size() > 1) {
            sorted.sort((a, b) -> a.session.id.compareTo(b.session.id));
        }
        return sorted;
    }

    /** Until when that session may believe in the hold, as far as its own acquires go. */
    long deadlineFor(Session session) {
        if (untilReleased) {
            return LogTime.NEVER;
        }
        HoldLink link = linkOf(session);
        return link != null && link.keepsAlive ? LogTime.NEVER : deadlineMs;
    }

    /** The longest-lived kind of lease that keeps it. */
    LeaseKind leaseKind() {
        if (untilReleased) {
            return LeaseKind.UNTIL_RELEASED;
        }
        return hasKeeper() ? LeaseKind.SESSION : LeaseKind.TTL;
    }
}
