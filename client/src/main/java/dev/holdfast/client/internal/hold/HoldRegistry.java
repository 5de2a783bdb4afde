package dev.holdfast.client.internal.hold;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.internal.hold.Doubt.Part;
import dev.holdfast.client.internal.lease.LeaseBelief;
import dev.holdfast.client.internal.lease.LogClock;
import dev.holdfast.client.internal.pipeline.OutcomeHandler;
import dev.holdfast.client.internal.pipeline.PendingCommand;
import dev.holdfast.client.internal.pipeline.Pipeline;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.session.ClientSession;
import dev.holdfast.client.internal.session.SessionManager;
import dev.holdfast.client.time.Timers;
import dev.holdfast.protocol.Command.Attach;
import dev.holdfast.protocol.Command.Leave;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.Event;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Outcome;
import dev.holdfast.protocol.Owner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The holds that this client believes in, by token. Watches their leases and tells their handles. Touched by tasks of the
 * serial executor only.
 */
public final class HoldRegistry {
    /** How many losses are remembered for callers that come later. */
    private static final int LOSSES_MAX = 4096;

    private static final long ATTACH_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ClientContext context;
    private final LogClock logClock;
    private final SessionManager sessions;
    private final Map<Long, TrackedHold> byToken = new LinkedHashMap<>();
    private final Map<HoldName, TrackedHold> newestByName = new HashMap<>();
    private final Map<HoldName, Loss> recentLosses = bounded();
    private final Map<Long, LossReason> earlyLosses = bounded();
    private final Map<Long, Boolean> earlyRequests = bounded();
    private final LateGrants lateGrants = new LateGrants();
    private int acquiresUnderWay;

    public HoldRegistry(ClientContext context, SessionManager sessions) {
        this.context = context;
        this.sessions = sessions;
        this.logClock = sessions.logClock();
    }

    /** An acquire begins; until it has ended, news of a hold may be heard before its grant. */
    void acquireBegan() {
        acquiresUnderWay++;
    }

    void acquireEnded() {
        if (--acquiresUnderWay == 0) {
            earlyLosses.clear();
            earlyRequests.clear();
        }
    }

    /** An acquire is queued; until it is not, its grant may be heard of after the hold's end. */
    void queueBegan(HoldName name) {
        lateGrants.began(name);
    }

    void queueEnded(HoldName name) {
        lateGrants.ended(name);
    }

    /** Tracks a grant, and makes its handle. */
    HoldHandle granted(AcquireRequest request, Outcome.Granted granted, ClientSession session) {
        LockableKey key = request.command().lockable();
        Owner owner = request.command().owner();
        HoldName name = new HoldName(key, owner);
        TrackedHold hold = byToken.get(granted.token());
        if (hold == null) {
            hold = new TrackedHold(granted.token(), key, owner, logClock);
            track(name, hold);
        } else if (stateOf(hold) == HoldState.LOST) {
            // The cluster had not ended it yet. What was lost stays lost, and the grant is of a hold of its own here.
            loseGivingBack(hold, reasonOfTime(hold));
            hold = hold.successor();
            track(name, hold);
        }
        keep(hold, request.command().lease().kind(), granted.deadlineMs(), session);
        hold.followIn(session);
        HoldHandle handle = new HoldHandle(context, request, hold, session.id().low());
        hold.handles.add(handle);
        handle.doubt(hold.isInQuestion(handle));
        hold.releaseRequested |= earlyRequests.containsKey(granted.token());
        LossReason lostBefore = earlyLosses.get(granted.token());
        if (lostBefore == null) {
            lostBefore = lateGrants.endOf(name, granted.token());
        }
        if (lostBefore != null) {
            lose(hold, lostBefore);
        } else {
            watch(hold);
        }
        return handle;
    }

    private void track(HoldName name, TrackedHold hold) {
        byToken.put(hold.token, hold);
        context.metrics().holdBegan();
        recentLosses.remove(name);
        TrackedHold before = newestByName.get(name);
        if (before == null || before.token < hold.token) {
            newestByName.put(name, hold);
            if (before != null) {
                // The cluster would not have granted a new hold while the old one was there.
                lose(before, LossReason.NOT_HELD);
            }
        }
    }

    private void keep(TrackedHold hold, LeaseKind asked, long deadlineMs, ClientSession session) {
        long now = context.nowNanos();
        if (deadlineMs == LogTime.NEVER && asked == LeaseKind.UNTIL_RELEASED) {
            hold.keepUntilReleased();
        } else if (deadlineMs == LogTime.NEVER) {
            hold.keepWhileLives(session, now);
        } else if (hold.handles.isEmpty()) {
            hold.keepUntil(deadlineMs, now);
        } else {
            hold.granted(deadlineMs, now);
        }
    }

    /** The newest hold of that owner, {@code null} if this client knows of none. */
    @Nullable
    TrackedHold find(LockableKey key, Owner owner) {
        TrackedHold hold = newestByName.get(new HoldName(key, owner));
        if (hold != null) {
            check(hold);
        }
        return hold == null || hold.ended ? null : hold;
    }

    /** How that owner's last hold was lost, {@code null} if this client does not know of that. */
    @Nullable
    Loss recentLoss(LockableKey key, Owner owner) {
        return recentLosses.get(new HoldName(key, owner));
    }

    /** Brings the belief in a hold up to date, and tells its handles if it has changed. */
    void check(TrackedHold hold) {
        if (hold.ended || hold.releasing > 0) {
            return;
        }
        HoldState state = stateOf(hold);
        if (state == HoldState.LOST) {
            loseGivingBack(hold, reasonOfTime(hold));
            return;
        }
        boolean suspect = state == HoldState.SUSPECT;
        if (suspect && !hold.suspect) {
            hold.handles.forEach(HoldHandle::becameSuspect);
        }
        hold.suspect = suspect;
    }

    private HoldState stateOf(TrackedHold hold) {
        long now = context.nowNanos();
        hold.refresh(now);
        return hold.state(now);
    }

    private LossReason reasonOfTime(TrackedHold hold) {
        ClientSession keeper = hold.keeper();
        return keeper == null || keeper.belief().state(context.nowNanos()) != HoldState.LOST
                ? LossReason.EXPIRED
                : LossReason.SESSION_LOST;
    }

    // The cluster may count the hold for a while yet. If its owner acquires it again by then, what the lost handles
    // counted would stay in that hold forever, as nobody would release it.
    private void loseGivingBack(TrackedHold hold, LossReason reason) {
        for (HoldHandle handle : hold.handles) {
            giveBackCount(hold, handle);
        }
        lose(hold, reason);
    }

    // What may have been released stays in the hold: releasing it twice would take from what others of that owner hold.
    private void giveBackCount(TrackedHold hold, HoldHandle handle) {
        Release release = handle.toRelease();
        boolean goesWithSession = hold.keeper() != null && release.endsWithSession();
        if (!handle.isWhole() && !handle.givenBack && !hold.isInQuestion(handle) && !goesWithSession) {
            handle.givenBack = true;
            sessions.submitInBackground(release, OutcomeHandler.IGNORING);
        }
    }

    /** Watches what time does to a hold, whose handles or leases may have changed. */
    void watch(TrackedHold hold) {
        unwatch(hold);
        if (hold.ended) {
            TrackedHold successor = byToken.get(hold.token);
            if (successor != null) {
                tellDoubts(successor);
            }
        } else {
            hold.reconsider(context.nowNanos());
            tellDoubts(hold);
        }
        check(hold);
        if (!hold.ended && hold.isUnfollowed()) {
            attach(hold);
        }
        if (!hold.ended && hold.releasing == 0) {
            long next = hold.nextChangeNanos(context.nowNanos());
            hold.timer = next == ClientClock.NEVER ? null : context.at(next, () -> watch(hold));
        }
    }

    private static void unwatch(TrackedHold hold) {
        Timers.Scheduled timer = hold.timer;
        if (timer != null) {
            timer.cancel();
            hold.timer = null;
        }
    }

    /** A release is about to be sent: nobody is told of the hold's end by time any more. */
    void releaseBegins(TrackedHold hold, Doubt doubt) {
        hold.releasing++;
        hold.doubts.add(doubt);
        unwatch(hold);
        hold.reconsider(context.nowNanos());
        tellDoubts(hold);
    }

    private static void tellDoubts(TrackedHold hold) {
        hold.handles.forEach(handle -> handle.doubt(hold.isInQuestion(handle)));
    }

    /** A release has ended, well or not. What is left of the hold is watched again. */
    void releaseEnds(TrackedHold hold) {
        hold.releasing--;
        watch(hold);
    }

    /** The cluster prolonged it. Returns false if it was lost before. */
    boolean extended(TrackedHold hold, long deadlineMs) {
        boolean alive = !hold.ended && hold.prolong(deadlineMs, context.nowNanos());
        hold.handles.forEach(handle -> handle.letGo(false));
        watch(hold);
        return alive && !hold.ended;
    }

    /** The cluster is asked to end it that long from now. Until it is known what became of that, it may have done so. */
    LeaseBelief mayExpireIn(TrackedHold hold, long leftNanos) {
        LeaseBelief bound = hold.bound(context.nowNanos(), leftNanos);
        watch(hold);
        return bound;
    }

    /** The cluster ends it at that deadline, which may have passed already. */
    void expires(HoldHandle handle, long deadlineMs, LeaseBelief bound) {
        TrackedHold hold = handle.hold();
        if (!hold.ended && stateOf(hold) != HoldState.LOST) {
            hold.replaceLease(handle, deadlineMs, context.nowNanos());
            hold.unbound(bound);
        }
        watch(hold);
    }

    /** The cluster will not end it then. If it was lost here meanwhile, nobody else would let go of it. */
    void doesNotExpire(HoldHandle handle, LeaseBelief bound) {
        TrackedHold hold = handle.hold();
        handle.letGo(false);
        check(hold);
        if (hold.ended) {
            withdraw(handle);
        } else if (stateOf(hold) != HoldState.LOST) {
            hold.unbound(bound);
            watch(hold);
        }
    }

    /** Takes back what the handle's acquire did, in the background, and nothing that others rely on. */
    private void withdraw(HoldHandle handle) {
        TrackedHold hold = handle.hold();
        ClientSession session = sessions.current();
        if (!handle.isWhole()) {
            if (!handle.givenBack) {
                handle.givenBack = true;
                sessions.submitInBackground(handle.toRelease(), OutcomeHandler.IGNORING);
            }
        } else if (session != null && handle.isOf(session)) {
            leave(hold, session);
        } else {
            willEnd(hold);
            sessions.submitInBackground(handle.toRelease(), OutcomeHandler.IGNORING);
        }
    }

    /** Takes back one acquire that the session made. Of the session's own: in the next it could take one that is wanted. */
    void leave(TrackedHold hold, ClientSession session) {
        session.pipeline()
                .submitOwn(new PendingCommand(
                        new Leave(hold.key, hold.owner, hold.token), ClientClock.NEVER, OutcomeHandler.IGNORING));
    }

    /** The cluster released that handle, and the hold still counts {@code remaining}. */
    void released(TrackedHold hold, HoldHandle handle, int remaining) {
        noteRemaining(hold, remaining);
        dropped(hold, handle, remaining);
    }

    /**
     * Nobody wants what that handle stands for. Others may rely on the hold, through this client too: of an acquire whose
     * grant was not heard of yet, it is not known.
     */
    void dropped(TrackedHold hold, HoldHandle handle) {
        dropped(hold, handle, hold.handles.size() - 1);
    }

    private void dropped(TrackedHold hold, HoldHandle handle, int remaining) {
        handle.markReleased();
        hold.handles.remove(handle);
        endIfReleased(hold, remaining);
    }

    /** The owner gave that back, and the hold still counts {@code remaining}. */
    void releasedByOwner(TrackedHold hold, List<Part> taken, int remaining) {
        noteRemaining(hold, remaining);
        if (remaining == 0 && hold.handles.size() == 1) {
            // Who released by name is who has the handle, as far as anybody can tell.
            hold.handles.get(0).markReleased();
            hold.handles.clear();
        }
        for (Part part : taken) {
            HoldHandle handle = part.handle();
            int left = handle.permits() - part.permits();
            if (left > 0) {
                handle.leave(left);
            } else {
                handle.markReleased();
                hold.handles.remove(handle);
            }
        }
        endIfReleased(hold, remaining);
    }

    // If it was lost before, its owner may have acquired it again under its token.
    private void noteRemaining(TrackedHold hold, int remaining) {
        if (remaining == 0 && hold.ended) {
            gone(hold, LossReason.RELEASED_BY_OWNER);
        } else if (remaining == 0) {
            willEnd(hold);
        }
    }

    /** The cluster has released the whole hold, or is about to: no grant that is heard of later is of a hold that is there. */
    void willEnd(TrackedHold hold) {
        lateGrants.holdEnded(new HoldName(hold.key, hold.owner), hold.token, LossReason.RELEASED_BY_OWNER);
    }

    private void endIfReleased(TrackedHold hold, int remaining) {
        if (hold.ended) {
            return;
        }
        if (remaining == 0 && !hold.handles.isEmpty() && stateOf(hold) == HoldState.LOST) {
            // Nothing kept any longer what was not given back.
            lose(hold, LossReason.EXPIRED);
        } else if (remaining == 0 || hold.handles.isEmpty()) {
            endOthers(hold);
            forget(hold);
            context.metrics().holdEnded(false);
        } else {
            followAgain(hold);
            watch(hold);
        }
    }

    /** The cluster does not count the hold with that token any more, whatever was heard of it. */
    void gone(LockableKey key, Owner owner, long token, LossReason reason) {
        lateGrants.holdEnded(new HoldName(key, owner), token, reason);
        TrackedHold hold = byToken.get(token);
        if (hold != null) {
            lose(hold, reason);
        }
    }

    /** The same, of a hold that this client knows. */
    void gone(TrackedHold hold, LossReason reason) {
        gone(hold.key, hold.owner, hold.token, reason);
    }

    // Whoever goes on using one of them must hear that the lock is gone.
    private void endOthers(TrackedHold hold) {
        Instant at = context.options().wallClock().instant();
        hold.handles.forEach(handle -> handle.markLost(LossReason.RELEASED_BY_OWNER, at));
    }

    // The cluster tells a session of the end of what it acquired, until that is given back.
    private void followAgain(TrackedHold hold) {
        ClientSession session = hold.followedIn;
        if (session != null && hold.handles.stream().noneMatch(handle -> handle.isOf(session))) {
            attach(hold);
        }
    }

    /** The cluster refused a release of that handle: the hold is gone, or counts less than the handle has to give. */
    void notHeld(TrackedHold hold, HoldHandle handle) {
        if (handle.isWhole()) {
            gone(hold, LossReason.NOT_HELD);
        } else if (hold.handles.size() == 1) {
            lose(hold, LossReason.NOT_HELD);
        }
        handle.markLost(LossReason.NOT_HELD, context.options().wallClock().instant());
        hold.handles.remove(handle);
    }

    /**
     * Nobody will ever know whether that handle was released, as its session is gone. To release it again could give back
     * what others stand for, so it counts as lost if there are others; what it may have left goes with the hold.
     */
    void neverKnown(TrackedHold hold, HoldHandle handle) {
        if (!handle.isWhole() && hold.handles.size() > 1) {
            handle.markLost(
                    LossReason.SESSION_LOST, context.options().wallClock().instant());
            hold.handles.remove(handle);
        }
    }

    /** A release certainly did nothing. If the hold was lost meanwhile, nobody will ask again. */
    void notReleased(TrackedHold hold) {
        if (hold.ended) {
            hold.handles.forEach(handle -> giveBackCount(hold, handle));
        }
    }

    void lose(TrackedHold hold, LossReason reason) {
        if (hold.ended) {
            return;
        }
        forget(hold);
        context.metrics().holdEnded(true);
        Instant at = context.options().wallClock().instant();
        recentLosses.put(new HoldName(hold.key, hold.owner), new Loss(reason, at));
        hold.handles.forEach(handle -> handle.markLost(reason, at));
    }

    private void forget(TrackedHold hold) {
        hold.ended = true;
        unwatch(hold);
        byToken.remove(hold.token);
        newestByName.remove(new HoldName(hold.key, hold.owner), hold);
    }

    /** An event told of a loss. */
    public void onHoldLost(Event.HoldLost lost) {
        TrackedHold hold = byToken.get(lost.token());
        LossReason reason = Loss.reasonOf(lost.reason());
        if (hold != null) {
            gone(hold, reason);
        } else if (acquiresUnderWay > 0) {
            earlyLosses.put(lost.token(), reason);
        }
    }

    /** An event told that somebody would like to have a hold. */
    public void onReleaseRequested(Event.ReleaseRequested request) {
        TrackedHold hold = byToken.get(request.token());
        if (hold != null) {
            hold.releaseRequested = true;
            hold.handles.forEach(HoldHandle::releaseRequested);
        } else if (acquiresUnderWay > 0) {
            earlyRequests.put(request.token(), true);
        }
    }

    /** What the session keeps has become suspect, or was confirmed. */
    public void onSessionChanged(ClientSession session) {
        keptBy(session).forEach(this::check);
    }

    /** What the session kept is gone, and of what it did not keep nobody would hear. */
    public void onSessionEnded(ClientSession session, LossReason reason) {
        keptBy(session).forEach(hold -> loseGivingBack(hold, reason));
        for (TrackedHold hold : List.copyOf(byToken.values())) {
            if (hold.followedIn == session) {
                hold.unfollow();
                watch(hold);
            }
        }
    }

    /** Asks for a session to be told of the hold's end, until one is. */
    private void attach(TrackedHold hold) {
        // What becomes of a hold that is being released, its release tells.
        if (hold.ended || hold.attaching || hold.isWholeInDoubt() || sessions.isClosed()) {
            return;
        }
        hold.attaching = true;
        sessions.submitInBackground(new Attach(hold.key, hold.owner, hold.token), new OutcomeHandler() {
            private @Nullable ClientSession asked;

            @Override
            public void onNumbered(Pipeline pipeline, long sequence) {
                asked = sessions.current();
            }

            @Override
            public void onOutcome(Outcome outcome) {
                hold.attaching = false;
                ClientSession session = asked;
                if (outcome instanceof Outcome.NotHeld) {
                    if (!hold.isWholeInDoubt()) {
                        gone(hold, LossReason.NOT_HELD);
                    }
                } else if (outcome instanceof Outcome.Attached && session != null && !session.isEnded()) {
                    hold.followIn(session);
                    watch(hold);
                } else {
                    again();
                }
            }

            @Override
            public void onFailure(LockException failure) {
                hold.attaching = false;
                again();
            }

            private void again() {
                context.after(ATTACH_PAUSE_NANOS, () -> attach(hold));
            }
        });
    }

    private List<TrackedHold> keptBy(ClientSession session) {
        List<TrackedHold> kept = new ArrayList<>();
        for (TrackedHold hold : byToken.values()) {
            if (hold.keeper() == session) {
                kept.add(hold);
            }
        }
        return kept;
    }

    /** Stops watching. The holds that are left follow the clock alone. */
    public void close() {
        for (TrackedHold hold : byToken.values()) {
            unwatch(hold);
            hold.ended = true;
            hold.handles.forEach(HoldHandle::onClosed);
            context.metrics().holdEnded(false);
        }
        byToken.clear();
        newestByName.clear();
    }

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > LOSSES_MAX;
            }
        };
    }
}
