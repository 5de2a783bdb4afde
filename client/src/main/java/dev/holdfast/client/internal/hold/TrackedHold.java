package dev.holdfast.client.internal.hold;

import static dev.holdfast.client.internal.serial.ClientClock.NEVER;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.internal.hold.Doubt.Part;
import dev.holdfast.client.internal.lease.LeaseBelief;
import dev.holdfast.client.internal.lease.LogClock;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.session.ClientSession;
import dev.holdfast.client.time.Timers;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One hold that this client knows of, with all its handles and one belief about its lease. The belief follows the
 * longest-lived lease that was asked for through this client: until released, then while a session lives, then a TTL. A
 * session keeps the hold for as long as anything is left of what it acquired, so a TTL that an earlier session asked for
 * counts again once that may have been given back.
 *
 * <p>Touched by tasks of the serial executor only, except for {@link #belief}.
 */
final class TrackedHold {
    /** A hold with a TTL becomes suspect when one part in this many of the TTL is left. */
    private static final int SUSPECT_PART = 5;

    private static final long NO_TTL = Long.MIN_VALUE;

    final long token;
    final LockableKey key;
    final Owner owner;
    final List<HoldHandle> handles = new ArrayList<>();

    /** Releases of it that are under way; it is not watched meanwhile. */
    int releasing;

    /** The releases of it of which it is not known what became of them. */
    final List<Doubt> doubts;

    /** The release of the whole hold that its owner asked for by name, {@code null} if there is none. */
    @Nullable
    ReleaseOperation releasingWhole;

    /** The session that is told of its end. */
    @Nullable
    ClientSession followedIn;

    /** Whether the next session is being asked to follow it. */
    boolean attaching;

    boolean suspect;
    boolean ended;

    /** Whether somebody has asked for it. */
    boolean releaseRequested;

    Timers.@Nullable Scheduled timer;

    private final LogClock logClock;
    private volatile LeaseBelief belief;

    /** When it may end at the earliest, for each request to end it then of which it is not known what became of it. */
    private volatile List<LeaseBelief> bounds = List.of();

    /** Whether no session would tell of its end. */
    private volatile boolean unfollowed;

    private boolean untilReleased;
    private @Nullable ClientSession keeper;
    private boolean kept;
    private long deadlineMs = NO_TTL;
    private long suspectLeadNanos;

    TrackedHold(long token, LockableKey key, Owner owner, LogClock logClock) {
        this(token, key, owner, logClock, new ArrayList<>());
    }

    private TrackedHold(long token, LockableKey key, Owner owner, LogClock logClock, List<Doubt> doubts) {
        this.token = token;
        this.doubts = doubts;
        this.key = key;
        this.owner = owner;
        this.logClock = logClock;
        this.belief = new LeaseBelief(0, 0);
    }

    /**
     * What this client believes in if its owner acquires the hold again after this client has lost it, and before the cluster
     * has. A release of it that is in doubt may end that one too.
     */
    TrackedHold successor() {
        return new TrackedHold(token, key, owner, logClock, doubts);
    }

    /** Any thread may ask. */
    LeaseBelief belief() {
        return belief;
    }

    /**
     * Any thread may ask. What follows is read in the opposite order of that in which it is replaced: a bound is taken off once the
     * belief says the same. Else a thread that is held up in between would see neither, and the hold would seem to be held again.
     */
    HoldState state(long nowNanos) {
        boolean wasUnfollowed = unfollowed;
        List<LeaseBelief> earlier = bounds;
        HoldState believed = belief.state(nowNanos);
        for (int i = 0; i < earlier.size(); i++) {
            HoldState bounded = earlier.get(i).state(nowNanos);
            believed = bounded.compareTo(believed) > 0 ? bounded : believed;
        }
        return believed == HoldState.HELD && wasUnfollowed ? HoldState.SUSPECT : believed;
    }

    /** What is left of the lease, at least; {@link ClientClock#NEVER} if time does not end it. Any thread may ask. */
    long leftNanos(long nowNanos) {
        // In the order of state().
        List<LeaseBelief> earlier = bounds;
        long left = belief.leftNanos(nowNanos);
        for (LeaseBelief bound : earlier) {
            left = Math.min(left, bound.leftNanos(nowNanos));
        }
        return left;
    }

    /** When time may change the belief next, {@link ClientClock#NEVER} if it does not. */
    long nextChangeNanos(long nowNanos) {
        long next = isTimed() ? belief.nextChangeNanos(nowNanos) : NEVER;
        List<LeaseBelief> earlier = bounds;
        for (int i = 0; i < earlier.size(); i++) {
            next = Math.min(next, earlier.get(i).nextChangeNanos(nowNanos));
        }
        return next;
    }

    /** It may end that long after this instant: from now on it is not believed in for longer. */
    LeaseBelief bound(long nowNanos, long leftNanos) {
        LeaseBelief bound = new LeaseBelief(
                nowNanos + leftNanos - leftNanos / SUSPECT_PART,
                nowNanos + leftNanos - LogClock.allowanceNanos(leftNanos));
        List<LeaseBelief> more = new ArrayList<>(bounds);
        more.add(bound);
        bounds = List.copyOf(more);
        return bound;
    }

    /** It is known what became of that request. */
    void unbound(LeaseBelief bound) {
        bounds = bounds.stream().filter(other -> other != bound).toList();
    }

    /**
     * The cluster has put that deadline in the place of what the handle's acquire had asked for. What others ask for that
     * have been acquired since counts on.
     */
    void replaceLease(HoldHandle handle, long deadlineMs, long nowNanos) {
        handle.endsByTime();
        this.deadlineMs = deadlineMs;
        ClientSession session = keeper;
        boolean keptForOthers = kept
                && session != null
                && handles.stream().anyMatch(other -> other.lease() == LeaseKind.SESSION && other.isOf(session));
        untilReleased = handles.stream().anyMatch(other -> other.lease() == LeaseKind.UNTIL_RELEASED);
        if (!untilReleased && !keptForOthers) {
            noSessionKeepsIt();
            keepUntil(deadlineMs, nowNanos);
        }
    }

    boolean isUnfollowed() {
        return unfollowed;
    }

    /** Whether a release of all of it is under way, or will never be known. */
    boolean isWholeInDoubt() {
        return doubts.stream().anyMatch(Doubt::whole);
    }

    /** That session tells of its end from now on. */
    void followIn(ClientSession session) {
        followedIn = session;
        unfollowed = false;
    }

    /** The session that told of its end is gone. */
    void unfollow() {
        followedIn = null;
        unfollowed = true;
    }

    /** The session whose life keeps it, {@code null} if something else does. */
    @Nullable
    ClientSession keeper() {
        return kept ? keeper : null;
    }

    /** Whether time alone ends it. */
    boolean isTimed() {
        return !untilReleased && !kept;
    }

    void keepUntilReleased() {
        untilReleased = true;
        noSessionKeepsIt();
        belief = LeaseBelief.unlimited();
    }

    void keepWhileLives(ClientSession session, long nowNanos) {
        if (!untilReleased && (handles.isEmpty() || kept || belief.confirm(nowNanos, NEVER, NEVER))) {
            keeper = session;
            kept = true;
            belief = session.belief();
        }
    }

    private void noSessionKeepsIt() {
        keeper = null;
        kept = false;
    }

    /**
     * Brings the belief in line with what is left of what its session acquired. To be called before a release is sent, and
     * after anything that may have changed the handles.
     */
    void reconsider(long nowNanos) {
        ClientSession session = keeper;
        // Who gives a plain mutex back gives back all of it; till then its session keeps it.
        if (session == null || handles.stream().allMatch(HoldHandle::isWhole)) {
            return;
        }
        boolean anything = false;
        boolean anythingCertain = false;
        boolean keeps = false;
        for (HoldHandle handle : handles) {
            boolean certain = !isInQuestion(handle);
            anythingCertain |= certain;
            anything |= handle.isOf(session);
            keeps |= certain && handle.isOf(session);
        }
        if (keeps && !kept) {
            kept = belief.confirm(nowNanos, NEVER, NEVER);
            belief = kept ? session.belief() : belief;
        } else if (!keeps && kept && (anythingCertain || !anything)) {
            kept = false;
            keepUntil(belief.state(nowNanos) == HoldState.LOST ? NO_TTL : deadlineMs, nowNanos);
        }
        if (!anything) {
            noSessionKeepsIt();
        }
    }

    /** Whether it is not known how much of what the handle stands for is left. */
    boolean isInQuestion(HoldHandle handle) {
        return doubts.stream().anyMatch(doubt -> doubt.touches(handle));
    }

    private int inQuestion(HoldHandle handle) {
        return doubts.stream().mapToInt(doubt -> doubt.permitsOf(handle)).sum();
    }

    /** What a release of so many by their owner takes: the youngest that no other release takes already. Less if there is less. */
    List<Part> youngest(int permits) {
        List<Part> youngest = new ArrayList<>();
        int left = permits;
        for (int i = handles.size() - 1; i >= 0 && left > 0; i--) {
            HoldHandle handle = handles.get(i);
            int taken = Math.min(left, handle.permits() - inQuestion(handle));
            if (taken > 0) {
                youngest.add(new Part(handle, taken));
                left -= taken;
            }
        }
        return youngest;
    }

    /** Begins a new belief in a TTL, whatever it followed before. */
    void keepUntil(long deadlineMs, long nowNanos) {
        this.deadlineMs = deadlineMs;
        long believedNanos = deadlineMs == NO_TTL ? nowNanos : logClock.believedNanos(deadlineMs);
        suspectLeadNanos = suspectLead(believedNanos, nowNanos);
        belief = new LeaseBelief(suspectAt(believedNanos), believedNanos);
    }

    /** Moves the TTL on, as far as the cluster has. Returns false if the hold was lost before. */
    boolean prolong(long deadlineMs, long nowNanos) {
        if (!isTimed()) {
            this.deadlineMs = Math.max(deadlineMs, this.deadlineMs);
            return true;
        }
        long believedNanos = logClock.believedNanos(deadlineMs);
        if (deadlineMs > this.deadlineMs) {
            this.deadlineMs = deadlineMs;
            suspectLeadNanos = suspectLead(believedNanos, nowNanos);
        }
        return belief.confirm(nowNanos, suspectAt(believedNanos), believedNanos);
    }

    /** Another answer may tell more of log time. */
    void refresh(long nowNanos) {
        if (deadlineMs != NO_TTL) {
            prolong(deadlineMs, nowNanos);
        }
    }

    /**
     * A further grant has a TTL. If its session kept the hold, the answer would have said so; unless another answer, of a later
     * acquire, overtook this one.
     */
    void granted(long deadlineMs, long nowNanos) {
        ClientSession session = keeper;
        boolean overtaken =
                session != null && handles.stream().anyMatch(handle -> handle.isOf(session) && !isInQuestion(handle));
        if (untilReleased || overtaken) {
            return;
        }
        if (kept) {
            keepUntil(Math.max(deadlineMs, this.deadlineMs), nowNanos);
        } else {
            prolong(deadlineMs, nowNanos);
        }
        noSessionKeepsIt();
    }

    private static long suspectLead(long believedNanos, long nowNanos) {
        return believedNanos <= nowNanos ? 0 : (believedNanos - nowNanos) / SUSPECT_PART;
    }

    private long suspectAt(long believedNanos) {
        return believedNanos == NEVER || believedNanos < 0 ? believedNanos : believedNanos - suspectLeadNanos;
    }
}
