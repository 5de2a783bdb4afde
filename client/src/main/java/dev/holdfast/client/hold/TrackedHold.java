package dev.holdfast.client.hold;

import dev.holdfast.client.engine.ClientClock;
import dev.holdfast.client.lease.LeaseBelief;
import dev.holdfast.client.session.ClientSession;
import dev.holdfast.client.time.Timers;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.Owner;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One hold that this client knows of, with all its handles and one belief about its lease. The belief follows the
 * longest-lived lease that was asked for through this client: until released, then while a session lives, then a TTL.
 * Touched by tasks of the serial executor only, except for {@link #belief}.
 */
final class TrackedHold {
    /** A TTL hold becomes suspect when one part in so many of it is left. */
    private static final int SUSPECT_PART = 5;

    final long token;
    final LockableKey key;
    final Owner owner;
    final List<HoldHandle> handles = new ArrayList<>();

    /** Releases of it that are under way; it is not watched meanwhile. */
    int releasing;

    boolean suspect;
    boolean ended;
    Timers.@Nullable Scheduled timer;

    private volatile LeaseBelief belief;
    private @Nullable ClientSession keeper;
    private long deadlineMs;
    private long suspectLeadNanos;

    TrackedHold(long token, LockableKey key, Owner owner) {
        this.token = token;
        this.key = key;
        this.owner = owner;
        this.belief = new LeaseBelief(0, 0);
        this.deadlineMs = Long.MIN_VALUE;
    }

    /** Any thread may ask. */
    LeaseBelief belief() {
        return belief;
    }

    /** The session whose life keeps it, {@code null} if something else does. */
    @Nullable
    ClientSession keeper() {
        return keeper;
    }

    /** Whether time alone ends it. */
    boolean isTimed() {
        return keeper == null && deadlineMs != LogTime.NEVER;
    }

    long deadlineMs() {
        return deadlineMs;
    }

    void keepUntilReleased() {
        keeper = null;
        deadlineMs = LogTime.NEVER;
        belief = LeaseBelief.unlimited();
    }

    void keepWhileLives(ClientSession session) {
        if (deadlineMs != LogTime.NEVER || keeper != null) {
            keeper = session;
            deadlineMs = LogTime.NEVER;
            belief = session.belief();
        }
    }

    /**
     * In which session the youngest handles were acquired that stand for so many permits; {@link Release#ANYWHERE} if it was not
     * one alone, or there are not as many.
     */
    long acquiredIn(int permits) {
        long session = Release.ANYWHERE;
        int left = permits;
        for (int i = handles.size() - 1; i >= 0 && left > 0; i--) {
            HoldHandle handle = handles.get(i);
            if (session != Release.ANYWHERE && session != handle.acquiredIn()) {
                return Release.ANYWHERE;
            }
            session = handle.acquiredIn();
            left -= handle.permits();
        }
        return left > 0 ? Release.ANYWHERE : session;
    }

    /** For the first grant of a hold with a TTL. */
    void keepUntil(long deadlineMs, long believedNanos, long nowNanos) {
        this.deadlineMs = deadlineMs;
        suspectLeadNanos = suspectLead(believedNanos, nowNanos);
        belief = new LeaseBelief(suspectAt(believedNanos), believedNanos);
    }

    /** Moves a TTL on, as far as the cluster has. Returns false if the hold was lost before. */
    boolean prolong(long deadlineMs, long believedNanos, long nowNanos) {
        if (deadlineMs > this.deadlineMs) {
            this.deadlineMs = deadlineMs;
            suspectLeadNanos = suspectLead(believedNanos, nowNanos);
        }
        return belief.confirm(nowNanos, suspectAt(believedNanos), believedNanos);
    }

    private static long suspectLead(long believedNanos, long nowNanos) {
        return believedNanos <= nowNanos ? 0 : (believedNanos - nowNanos) / SUSPECT_PART;
    }

    private long suspectAt(long believedNanos) {
        return believedNanos == ClientClock.NEVER || believedNanos < 0
                ? believedNanos
                : believedNanos - suspectLeadNanos;
    }
}
