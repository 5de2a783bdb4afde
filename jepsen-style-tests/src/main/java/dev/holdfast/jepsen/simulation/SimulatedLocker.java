package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.jepsen.simulation.Plan.Enter;
import dev.holdfast.protocol.LockableKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A thread that uses a {@link FencedLock}, and is interrupted now and then. All threads of all clients contend for one lock. What
 * it is told must fit the contract of {@link java.util.concurrent.locks.Lock}, in particular what becomes of interrupts, and each
 * call ends when it has to.
 */
final class SimulatedLocker {
    static final LockableKey KEY = LockableKey.mutex("view");

    private static final long AGAIN = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long NOBODY = -1;

    private final SimulatedClient client;
    private final Trace trace;
    private final String name;
    private final Random random;
    private final FencedLock view;
    private final SimulatedThread thread;
    private final Deque<Enter> wishes = new ArrayDeque<>();
    private boolean busy;
    private @Nullable LockHandle inside;

    /** Whether it was interrupted and has not heard of that. */
    private boolean interrupted;

    /** The call that it is in, if that can be interrupted; {@code null} if not. */
    private @Nullable CompletableFuture<?> interruptible;

    SimulatedLocker(SimulatedClient client, int number, Trace trace, Random random) {
        this.client = client;
        this.trace = trace;
        this.random = random;
        this.name = client.process().name() + ", thread " + number;
        this.view = client.lock(SimulatedThread::gate)
                .asJavaLock(Holdfast.createLockable(KEY.key()).of());
        this.thread = new SimulatedThread(client.process(), "simulated " + name);
    }

    SimulatedThread thread() {
        return thread;
    }

    /** Whether it has something unfinished; never if its client is gone. */
    boolean isBusy() {
        return !client.isGone() && (busy || !wishes.isEmpty());
    }

    /** The token under which its client now believes that it is inside; negative for none. */
    long believed() {
        LockHandle handle = inside;
        return handle != null && client.process().isRunning() && handle.state() == HoldState.HELD
                ? handle.token()
                : NOBODY;
    }

    void wish(Enter step) {
        client.process().run(() -> {
            wishes.add(step);
            next();
        });
    }

    private void next() {
        Enter wish = busy || client.isGone() ? null : wishes.poll();
        if (wish != null) {
            busy = true;
            thread.begin(() -> {
                perform(wish);
                SimulatedThread.gate();
                busy = false;
                client.process().execute(this::next);
            });
        }
    }

    /** Unless it is yet to hear of the last time. */
    void interrupt() {
        client.process().run(() -> {
            if (interrupted) {
                return;
            }
            trace.add(name, () -> "is interrupted");
            interrupted = true;
            thread.interrupt();
            CompletableFuture<?> call = interruptible;
            if (call != null) {
                client.requireDoneSoon("an interrupted call of " + name, call);
            }
        });
    }

    // ---- in its thread

    private void perform(Enter step) {
        if (enter(step.how(), step.waitMs())) {
            thread.sleep(TimeUnit.MILLISECONDS.toNanos(step.insideMs()));
            // Inside already, it never waits, and is as deep as it says, unless the hold is lost.
            if (step.nested() && enter(step.how(), step.waitMs())) {
                if (view.getHoldCount() == 1) {
                    throw new SimulationFailure(name + " entered twice, and is inside once");
                }
                leave(step);
            }
            leave(step);
        }
    }

    /** What it calls, and how that may end. */
    private interface Entry {
        boolean enter() throws InterruptedException;
    }

    private boolean enter(Plan.How how, long waitMs) {
        // The outcome of its last release is found out first.
        LockHandle before = inside;
        Duration more = before != null && before.state() == HoldState.IN_DOUBT
                ? SimulatedClient.REQUEST_TIMEOUT
                : Duration.ZERO;
        return switch (how) {
            case LOCK ->
                entered(how, null, () -> {
                    view.lock();
                    return true;
                });
            case LOCK_INTERRUPTIBLY ->
                entered(how, null, () -> {
                    view.lockInterruptibly();
                    return true;
                });
            case TRY ->
                entered(
                        how,
                        SimulatedClient.REQUEST_TIMEOUT
                                .dividedBy(FencedLock.TRY_LOCK_PART)
                                .plus(more),
                        view::tryLock);
            case TRY_FOR ->
                entered(
                        how,
                        SimulatedClient.boundOfWait(waitMs).plus(more),
                        () -> view.tryLock(waitMs, TimeUnit.MILLISECONDS));
        };
    }

    private boolean entered(Plan.How how, @Nullable Duration bound, Entry entry) {
        CompletableFuture<Void> call = begin(how.toString(), bound);
        boolean mayBeInterrupted = how == Plan.How.LOCK_INTERRUPTIBLY || how == Plan.How.TRY_FOR;
        boolean doubtful = inside != null && inside.state() == HoldState.IN_DOUBT;
        interruptible = mayBeInterrupted && !doubtful ? call : null;
        boolean wasInterrupted = false;
        String told;
        boolean isIn = false;
        try {
            isIn = entry.enter();
            told = isIn ? "enters" : "does not enter";
        } catch (InterruptedException e) {
            wasInterrupted = true;
            told = "is told that it was interrupted";
        } catch (IllegalMonitorStateException | LockException e) {
            told = e.getClass().getSimpleName();
        }
        done(call, how + ": " + told);
        requireInterruptIsKept(how.toString(), wasInterrupted, mayBeInterrupted);
        if (isIn) {
            if (inside != null && inside.state() == HoldState.IN_DOUBT) {
                throw new SimulationFailure(name + " entered, and does not know yet whether it had left");
            }
            inside = view.isHeldByCurrentThread() ? view.handle() : null;
        }
        return isIn;
    }

    private void leave(Enter step) {
        while (true) {
            CompletableFuture<Void> call = begin("unlock", SimulatedClient.REQUEST_TIMEOUT);
            String told = "leaves";
            boolean again = false;
            try {
                view.unlock();
            } catch (IllegalMonitorStateException lost) {
                told = "hears that it was not inside any more";
            } catch (LockUnavailableException e) {
                told = "cannot leave now";
                again = true;
            } catch (LockOutcomeUnknownException e) {
                told = "does not know whether it has left";
                // The next entry settles it.
                again = step.last() || random.nextBoolean();
            }
            done(call, "unlock: " + told);
            requireInterruptIsKept("unlock", false, false);
            if (!again || client.isGone()) {
                return;
            }
            thread.sleep(AGAIN);
        }
    }

    private CompletableFuture<Void> begin(String what, @Nullable Duration bound) {
        SimulatedThread.gate();
        trace.add(name, () -> what);
        return client.begin(what + " of " + name, bound);
    }

    private void done(CompletableFuture<Void> call, String told) {
        SimulatedThread.gate();
        interruptible = null;
        call.complete(null);
        trace.add(name, () -> told);
    }

    /** Whoever is not told by an exception that the thread was interrupted finds its status set. */
    private void requireInterruptIsKept(String what, boolean told, boolean mayBeTold) {
        boolean expected = interrupted && !told;
        boolean wrong = Thread.interrupted() != expected || (told && !(interrupted && mayBeTold));
        interrupted = false;
        if (wrong) {
            throw new SimulationFailure("interrupts, " + name + ": " + what
                    + (expected ? " swallowed an interrupt" : " told of an interrupt that there was not"));
        }
    }
}
