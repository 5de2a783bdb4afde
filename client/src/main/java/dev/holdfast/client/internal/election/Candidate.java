package dev.holdfast.client.internal.election;

import dev.holdfast.client.LockOwner;
import dev.holdfast.client.election.ElectionListener;
import dev.holdfast.client.election.ElectionOptions;
import dev.holdfast.client.election.RevokeReason;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.internal.hold.AcquireOutcome;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.hold.PendingAcquire;
import dev.holdfast.client.internal.threads.Safely;
import dev.holdfast.client.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One candidate. It is in one phase at a time:
 *
 * <pre>
 * IDLE      -- stand -------------------------------------> STANDING
 * STANDING  -- granted -----------------------------------> CHECKING   is somebody of a higher priority waiting?
 * STANDING  -- failed ------------------------------------> PAUSED
 * CHECKING  -- nobody is, or nobody knows ----------------> LEADING    a term begins
 * CHECKING  -- somebody is, or the hold is lost, resign --> ENDING
 * LEADING   -- the term ends, for whatever reason --------> ENDING
 * ENDING    -- the listener has returned, the hold is gone, and it is still wanted -> STANDING or PAUSED
 * ENDING    -- the same, and it is not wanted ------------> IDLE
 * PAUSED    -- the pause is over -------------------------> STANDING
 * STANDING, PAUSED -- resign -----------------------------> IDLE
 * </pre>
 *
 * <p>Whether it leads is not told by the phase, but by the {@link DefaultTerm}, which knows the clock. A hold is given back when
 * the listener has returned, or the handover timeout is over, and a failed release is tried again until the hold is over, one way
 * or the other: else it would live as long as the client's session does.
 *
 * <p>All methods are tasks of the election's serial executor, except where it says otherwise.
 */
final class Candidate {
    private static final Logger LOG = LoggerFactory.getLogger(Candidate.class);

    /** Passing the lead on so often in a row is taken for a sign that something is amiss. */
    private static final int PASSES_MAX = 3;

    /** An attempt that lasted for so many request timeouts before it failed had succeeded first: it waited in the queue. */
    private static final int QUEUED_AFTER_TIMEOUTS = 3;

    private static final long RELEASE_PAUSE_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    private enum Phase {
        IDLE,
        STANDING,
        PAUSED,
        CHECKING,
        LEADING,
        ENDING
    }

    /** What a candidate saw of those who wait. */
    private enum Seen {
        NOBODY_HIGHER,
        HIGHER,
        NO_ANSWER
    }

    private final Clockwork clockwork;
    private final Ballot ballot;
    private final ElectionOptions options;
    private final ElectionListener listener;
    private final String name;
    private final long sessionLeaseNanos;
    private final long requestTimeoutNanos;
    private final ListenerCalls calls;
    private final LeaderWatch watch;
    private final List<CompletableFuture<Void>> resigning = new ArrayList<>();

    /** A failure of which the listener is about to be told. */
    private final AtomicReference<@Nullable LockException> untold = new AtomicReference<>();

    private Phase phase = Phase.IDLE;

    /** Whether it stands, or will. Read by any thread. */
    private volatile boolean wanted;

    /** How often somebody has resigned, and how many of those resignations have been dealt with. Read by any thread. */
    private final AtomicInteger resignations = new AtomicInteger();

    private final AtomicInteger resignationsDone = new AtomicInteger();

    /** The current term, or the last one. Read by any thread. */
    private volatile @Nullable DefaultTerm term;

    private @Nullable PendingAcquire<AcquireOutcome> pending;
    private @Nullable Nudge nudge;
    private @Nullable HoldHandle held;
    private Timers.@Nullable Scheduled timer;

    /** Of the hold that ends: whether the listener has returned, or was never told. */
    private boolean returned;

    /** Of the hold that ends: whether it is not kept any longer for the listener. */
    private boolean givingBack;

    /** Terms that failed or were soon over, in a row. */
    private int failures;

    /** Failed attempts to stand, in a row. */
    private int standFailures;

    /** When it began to stand. */
    private long stoodAtNanos;

    /** Whether its last term failed, and it has not led for a while since. Then it takes the lead from nobody. */
    private boolean unfit;

    private int passes;

    /** For how long to pause when the hold has ended. */
    private long pauseNanos;

    Candidate(
            Clockwork clockwork,
            Ballot ballot,
            ElectionOptions options,
            ElectionListener listener,
            String name,
            Duration sessionLease,
            Duration requestTimeout,
            ListenerCalls calls,
            LeaderWatch watch) {
        this.clockwork = clockwork;
        this.ballot = ballot;
        this.options = options;
        this.listener = listener;
        this.name = name;
        this.sessionLeaseNanos = sessionLease.toNanos();
        this.requestTimeoutNanos = requestTimeout.toNanos();
        this.calls = calls;
        this.watch = watch;
    }

    /** Any thread may ask. */
    boolean isWanted() {
        return wanted && resignations.get() == resignationsDone.get() && !ballot.isClosed();
    }

    /** The current term, or the last one; {@code null} if there was none. Any thread may ask. */
    @Nullable
    DefaultTerm term() {
        return term;
    }

    /**
     * Before this returns, nobody takes it for the leader any more, and {@link #resign} is to follow. Any thread may call it. A term
     * that cannot be seen yet does not begin, since it is counted first.
     */
    void beginToResign() {
        resignations.incrementAndGet();
        DefaultTerm last = term;
        if (last != null) {
            last.end(RevokeReason.RESIGNED);
        }
    }

    void stand() {
        wanted = true;
        if (phase == Phase.IDLE) {
            begin();
        }
    }

    /** Follows {@link #beginToResign}. Completes the future when it neither stands nor holds anything. */
    void resign(CompletableFuture<Void> resigned) {
        wanted = false;
        resignationsDone.incrementAndGet();
        resigning.add(resigned);
        switch (phase) {
            case IDLE -> idle();
            case PAUSED -> {
                unschedule();
                idle();
            }
            case STANDING -> {
                giveUp();
                idle();
            }
            case CHECKING -> {
                pauseNanos = 0;
                endUnannounced();
            }
            case LEADING -> {
                current().end(RevokeReason.RESIGNED);
                // Now, and not later: whoever stands again afterwards does so for good.
                ended(current());
            }
            case ENDING -> settle();
        }
    }

    private void idle() {
        phase = Phase.IDLE;
        tellResigned();
    }

    private void tellResigned() {
        List<CompletableFuture<Void>> told = List.copyOf(resigning);
        resigning.clear();
        told.forEach(each -> each.complete(null));
    }

    private void begin() {
        phase = Phase.STANDING;
        stoodAtNanos = clockwork.timers().nanoTime();
        LockOwner owner = Candidates.owner(name, options.priority());
        PendingAcquire<AcquireOutcome> begun = ballot.stand(owner);
        pending = begun;
        Nudge asking = new Nudge(clockwork, ballot, owner, options.priority(), requestTimeoutNanos);
        nudge = asking;
        if (!unfit) {
            asking.start();
        }
        clockwork.whenDone(begun.result(), (outcome, failure) -> decided(begun, outcome, failure));
    }

    private void giveUp() {
        PendingAcquire<AcquireOutcome> begun = pending;
        if (begun != null) {
            begun.abandon();
        }
        stopWaiting();
    }

    private void stopWaiting() {
        pending = null;
        Nudge asking = nudge;
        if (asking != null) {
            asking.stop();
            nudge = null;
        }
    }

    private void decided(
            PendingAcquire<AcquireOutcome> begun, @Nullable AcquireOutcome outcome, @Nullable Throwable failure) {
        if (pending != begun) {
            // Given up; what it was granted is undone.
            return;
        }
        stopWaiting();
        HoldHandle granted = outcome == null ? null : outcome.handle();
        if (granted != null) {
            check(granted);
        } else {
            failed(failure);
        }
    }

    private void failed(@Nullable Throwable failure) {
        if (failure instanceof LockClientClosedException) {
            wanted = false;
            idle();
            return;
        }
        if (clockwork.timers().nanoTime() - stoodAtNanos > QUEUED_AFTER_TIMEOUTS * requestTimeoutNanos) {
            standFailures = 0;
        }
        if (standFailures++ == 0) {
            Safely.warn(
                    LOG,
                    "The candidate '" + name + "' could not stand for '"
                            + ballot.lockable().key() + "', and tries again.",
                    failure == null ? new IllegalStateException("it was refused") : failure);
        }
        if (failure instanceof LockException told) {
            tell(told);
        }
        pause(clockwork.pauseNanos(standFailures, ElectionOptions.RETRY_PAUSE_MAX.toNanos()));
    }

    /** Failures that come while the listener does not return make one call, for the last of them. */
    private void tell(LockException failure) {
        if (untold.getAndSet(failure) == null) {
            calls.execute(() -> {
                LockException last = untold.getAndSet(null);
                if (last != null && !calls.isClosed()) {
                    listener.onStandFailed(last);
                }
            });
        }
    }

    private long retryPauseNanos() {
        return clockwork.pauseNanos(failures, ElectionOptions.RETRY_PAUSE_MAX.toNanos());
    }

    private void pause(long nanos) {
        phase = Phase.PAUSED;
        timer = clockwork.after(nanos, () -> {
            if (phase == Phase.PAUSED) {
                begin();
            }
        });
    }

    /** It is granted. Before it leads, it looks for those who should rather. */
    private void check(HoldHandle granted) {
        phase = Phase.CHECKING;
        held = granted;
        standFailures = 0;
        // Tells at once of a loss, and when the client is closed, however busy the callback executor is.
        var unused = granted.alarm(() -> clockwork.serial().execute(() -> alarmed(granted)));
        if (options.priority() == ElectionOptions.PRIORITY_MAX) {
            lead(granted, true);
            return;
        }
        long timeoutNanos = Math.min(requestTimeoutNanos, sessionLeaseNanos / 4);
        clockwork.whenDone(ballot.look(timeoutNanos), (lock, failure) -> {
            if (phase == Phase.CHECKING && held == granted) {
                checked(granted, seen(lock));
            }
        });
    }

    // Of a look that failed there is nothing at all.
    @SuppressWarnings("NullableOptional")
    private Seen seen(@Nullable Optional<LockInfo> lock) {
        if (lock == null) {
            return Seen.NO_ANSWER;
        }
        return isOutranked(lock) ? Seen.HIGHER : Seen.NOBODY_HIGHER;
    }

    private boolean isOutranked(Optional<LockInfo> lock) {
        return lock.isPresent() && Candidates.isHigherWaiting(lock.get(), options.priority());
    }

    private void checked(HoldHandle granted, Seen seen) {
        if (HoldHandle.isOver(granted)) {
            failures++;
            pauseNanos = retryPauseNanos();
            endUnannounced();
        } else if (seen == Seen.HIGHER) {
            pauseNanos = ++passes > PASSES_MAX ? clockwork.pauseNanos(passes - PASSES_MAX, RELEASE_PAUSE_NANOS_MAX) : 0;
            endUnannounced();
        } else {
            lead(granted, seen == Seen.NOBODY_HIGHER);
        }
    }

    private void lead(HoldHandle granted, boolean knowsWhoWaits) {
        phase = Phase.LEADING;
        passes = 0;
        long marginNanos = (long) ((1 - options.stepDownAfter()) * sessionLeaseNanos);
        int known = resignationsDone.get();
        DefaultTerm begun = new DefaultTerm(
                granted,
                marginNanos,
                listener,
                clockwork.callbacks(),
                calls,
                () -> resignations.get() == known,
                over -> clockwork.serial().execute(() -> ended(over)));
        term = begun;
        calls.execute(begun::announce);
        var unused = clockwork.after(requestTimeoutNanos, () -> giveUpUnlessBegun(begun));
        watch.hint();
        if (options.yieldsToHigher()) {
            Yielding yielding = new Yielding(
                    clockwork,
                    ballot,
                    requestTimeoutNanos,
                    () -> phase == Phase.LEADING && term == begun && !begun.isOver(),
                    this::isOutranked,
                    () -> begun.end(RevokeReason.YIELDED));
            granted.onReleaseRequested(() -> clockwork.serial().execute(yielding::consider));
            if (!knowsWhoWaits) {
                // Whoever waits may have asked the last leader, and does not ask this one.
                yielding.consider();
            }
        }
        watchTime();
    }

    private void giveUpUnlessBegun(DefaultTerm begun) {
        if (begun.endUnlessBegun()) {
            Safely.warn(
                    LOG,
                    "The candidate '" + name + "' was elected for '"
                            + ballot.lockable().key() + "', and gives the lead away: its listener cannot be called.",
                    new IllegalStateException(
                            "no thread is free on which to call it, or its last call has not returned"));
        }
    }

    private DefaultTerm current() {
        DefaultTerm known = term;
        if (known == null) {
            throw new IllegalStateException("there was no term");
        }
        return known;
    }

    /** Ends the term when its time is over, and looks again then if that has been moved on. */
    private void watchTime() {
        DefaultTerm watched = current();
        if (watched.isOver()) {
            // Whoever ended it may have failed to say so.
            ended(watched);
            return;
        }
        timer = clockwork.after(Math.max(1, watched.leftNanos()), () -> {
            if (phase == Phase.LEADING && term == watched) {
                if (watched.isCurrent()) {
                    // Its lease was renewed meanwhile, so it is no term that is over as soon as it has begun.
                    failures = 0;
                    unfit = false;
                }
                watchTime();
            }
        });
    }

    private void alarmed(HoldHandle handle) {
        if (held != handle) {
            return;
        }
        switch (phase) {
            case LEADING -> {
                // Asking ends the term if it is over.
                if (current().isOver()) {
                    ended(current());
                }
            }
            case CHECKING -> {
                if (HoldHandle.isOver(handle)) {
                    checked(handle, Seen.NO_ANSWER);
                }
            }
            default -> settle();
        }
    }

    private void ended(DefaultTerm over) {
        if (phase != Phase.LEADING || term != over) {
            return;
        }
        unschedule();
        phase = Phase.ENDING;
        Safely.run(over::tellOfEnd, LOG, "Whoever waits for the end of a term could not be told.");
        returned = false;
        givingBack = false;
        pauseNanos = pauseAfter(over.reason());
        watch.hint();
        calls.execute(() -> {
            over.revoke();
            clockwork.serial().execute(() -> {
                returned = true;
                giveBack();
            });
        });
        long keptNanos = options.handoverTimeout().toNanos();
        if (keptNanos == 0) {
            giveBack();
        } else {
            timer = clockwork.after(keptNanos, () -> {
                if (phase == Phase.ENDING && term == over) {
                    giveBack();
                }
            });
        }
    }

    private long pauseAfter(RevokeReason reason) {
        switch (reason) {
            // Who resigns ends the term first, and tells the candidate then: it must not stand again in between.
            case RESIGNED, CLIENT_CLOSED -> wanted = false;
            case YIELDED -> {
                return 0;
            }
            case FAILED -> {
                keepStandingIfAsked();
                failures++;
                unfit = true;
                return retryPauseNanos();
            }
            case SUSPECT, LOST, FORCED -> {
                keepStandingIfAsked();
                return failures++ == 0 ? 0 : retryPauseNanos();
            }
        }
        return 0;
    }

    private void keepStandingIfAsked() {
        wanted &= options.standsAgain();
    }

    /** The lead is given away before anybody was told of it. */
    private void endUnannounced() {
        phase = Phase.ENDING;
        returned = true;
        givingBack = false;
        giveBack();
    }

    private void giveBack() {
        if (!givingBack) {
            givingBack = true;
            release();
        } else {
            settle();
        }
    }

    private void release() {
        HoldHandle released = held;
        if (released == null || HoldHandle.isOver(released)) {
            settle();
            return;
        }
        clockwork.whenDone(ballot.giveBack(released), (done, failure) -> {
            if (held == released) {
                releaseAttempted(released, failure);
            }
        });
    }

    private void releaseAttempted(HoldHandle released, @Nullable Throwable failure) {
        if (failure == null || HoldHandle.isOver(released) || HoldHandle.isDoneBy(failure)) {
            held = null;
            watch.hint();
            settle();
        } else {
            var unused = clockwork.after(RELEASE_PAUSE_NANOS_MAX, () -> {
                if (held == released) {
                    release();
                }
            });
        }
    }

    /** Goes on when the hold is gone and the listener has returned. */
    private void settle() {
        HoldHandle kept = held;
        if (phase != Phase.ENDING || (kept != null && !HoldHandle.isOver(kept))) {
            return;
        }
        held = null;
        if (returned || givingBack) {
            tellResigned();
        }
        if (!returned) {
            return;
        }
        unschedule();
        if (!wanted) {
            idle();
        } else if (pauseNanos > 0) {
            pause(pauseNanos);
        } else {
            begin();
        }
    }

    private void unschedule() {
        Timers.Scheduled scheduled = timer;
        if (scheduled != null) {
            scheduled.cancel();
            timer = null;
        }
    }
}
