package dev.holdfast.client.internal.hold;

import dev.holdfast.client.HeldWork;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.internal.serial.ClientClock;
import dev.holdfast.client.internal.serial.ClientContext;
import dev.holdfast.client.internal.serial.OrderedExecutor;
import dev.holdfast.client.internal.session.ClientSession;
import dev.holdfast.protocol.Command.ExpireIn;
import dev.holdfast.protocol.Command.Release;
import dev.holdfast.protocol.LeaseKind;
import dev.holdfast.protocol.LockableKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The handle of one grant. Its end and its listeners are touched by tasks of the serial executor only. */
public final class HoldHandle implements LockHandle {
    private final ClientContext context;
    private final HandleOperations operations;
    private final Lockable lockable;
    private final LockOwner owner;
    private final TrackedHold hold;
    private final boolean whole;
    private final long acquiredIn;
    private final List<Runnable> suspectListeners = new ArrayList<>();
    private final List<Consumer<LossReason>> lossTellers = new ArrayList<>();
    /** Most handles have none. */
    private List<RequestTeller> requestTellers = List.of();

    private @Nullable OrderedExecutor suspicions;
    private volatile int permits;

    /** What its acquire asked for, or what has taken its place since. */
    private LeaseKind lease;

    /** Whether it was told to let the hold end, so that nobody needs to be warned of that. */
    private volatile boolean lettingGo;

    private volatile @Nullable End end;

    /** Whether a release that may have ended it is under way, or will never be known. Written by the registry. */
    private volatile boolean inDoubt;

    /** The release under way, perhaps after its caller gave up; {@code null} if there is none. */
    @Nullable
    ReleaseOperation releasing;

    /** What rings when the hold is in danger. Most handles have none. */
    List<HoldAlarm> alarms = List.of();

    /** Whether what it counts was given back because its hold was lost. */
    boolean givenBack;

    /** @param reason {@code null} for a release */
    private record End(@Nullable LossReason reason, Instant at) {}

    /** @param acquiredIn the number of the session that acquired it */
    HoldHandle(ClientContext context, AcquireRequest request, TrackedHold hold, long acquiredIn) {
        this.context = context;
        this.operations = request.operations();
        this.lockable = request.lockable();
        this.owner = request.owner();
        this.hold = hold;
        this.whole = request.releasesWhole();
        this.acquiredIn = acquiredIn;
        this.lease = request.command().lease().kind();
        this.permits = request.command().permits();
    }

    @Override
    public Lockable lockable() {
        return lockable;
    }

    @Override
    public LockOwner owner() {
        return owner;
    }

    @Override
    public long token() {
        return hold.token;
    }

    @Override
    public int permits() {
        return permits;
    }

    @Override
    public HoldState state() {
        End over = end;
        if (over != null) {
            return over.reason == null ? HoldState.RELEASED : HoldState.LOST;
        }
        HoldState believed = hold.state(context.nowNanos());
        return believed != HoldState.LOST && inDoubt ? HoldState.IN_DOUBT : believed;
    }

    @Override
    public void requireHeld() {
        HoldState state = state();
        if (state == HoldState.IN_DOUBT) {
            throw new LockOutcomeUnknownException("release of '" + lockable.key() + "' by " + owner, null);
        }
        if (state == HoldState.LOST && end == null) {
            // By the clock, which nobody has been told of yet.
            throw Loss.exception(
                    lockable,
                    owner,
                    LossReason.EXPIRED,
                    context.options().wallClock().instant());
        }
        if (state == HoldState.LOST || state == HoldState.RELEASED) {
            throw endException();
        }
    }

    @Override
    public Optional<Duration> leaseLeft() {
        if (end != null || inDoubt) {
            return Optional.of(Duration.ZERO);
        }
        long left = hold.leftNanos(context.nowNanos());
        return left == ClientClock.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(left));
    }

    @Override
    public void extend(Duration ttl) {
        operations.extend(this, ttl);
    }

    @Override
    public CompletionStage<Void> extendAsync(Duration ttl) {
        return operations.extendAsync(this, ttl);
    }

    @Override
    public void expireIn(Duration left) {
        operations.expireIn(this, left);
    }

    @Override
    public CompletionStage<Void> expireInAsync(Duration left) {
        return operations.expireInAsync(this, left);
    }

    @Override
    public void release() {
        operations.release(this);
    }

    @Override
    public CompletionStage<Void> releaseAsync() {
        return operations.releaseAsync(this);
    }

    @Override
    public void close() {
        close(this);
    }

    static void close(LockHandle handle) {
        if (isOver(handle)) {
            return;
        }
        try {
            handle.release();
        } catch (LockException failure) {
            if (!isDoneBy(failure)) {
                throw failure;
            }
        }
    }

    /** Whether it is released or lost, as far as its client believes. */
    public static boolean isOver(LockHandle handle) {
        HoldState now = handle.state();
        return now == HoldState.RELEASED || now == HoldState.LOST;
    }

    /**
     * Whether a release that failed like this leaves nothing to be done for whoever closes the handle: the hold was lost
     * just before, or released by somebody else at the same time; or the client is closed, which has said what becomes
     * of it.
     */
    public static boolean isDoneBy(Throwable failure) {
        return failure instanceof LockNotHeldException
                || failure instanceof LockExpiredException
                || failure instanceof LockClientClosedException;
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T whileHeld(
            HeldWork<T, E> work, BooleanSupplier mayInterrupt) throws E {
        return GuardedWork.runWithoutRelease(this, this, work, mayInterrupt);
    }

    @Override
    public void onSuspect(Runnable listener) {
        context.serial().execute(() -> {
            if (end == null) {
                suspectListeners.add(listener);
                if (state() == HoldState.SUSPECT) {
                    tellOfSuspicion(listener);
                }
            }
        });
    }

    // Another listener may have blocked for so long that this one is not true any more.
    private void tellOfSuspicion(Runnable listener) {
        OrderedExecutor lane = suspicions;
        if (lane == null) {
            lane = new OrderedExecutor(context.callbacks().usual());
            suspicions = lane;
        }
        lane.execute(() -> {
            if (end == null && !lettingGo) {
                listener.run();
            }
        });
    }

    @Override
    public void onLost(Consumer<LossReason> listener) {
        whenLost(context.callbacks().losses(), listener);
    }

    @Override
    public CompletionStage<LossReason> lossSignal() {
        CompletableFuture<LossReason> signal = new CompletableFuture<>();
        whenLost(context.callbacks().signals(), signal::complete);
        return signal;
    }

    @Override
    public LockHandle withRequestTimeout(Duration timeout) {
        return new HandleWithin(this, operations.within(timeout));
    }

    @Override
    public void onReleaseRequested(Runnable listener) {
        context.serial().execute(() -> {
            if (end == null) {
                RequestTeller teller = new RequestTeller(listener);
                requestTellers = new ArrayList<>(requestTellers);
                requestTellers.add(teller);
                if (hold.releaseRequested) {
                    teller.tell();
                }
            }
        });
    }

    /** Tells one listener of requests. Those that come before it could be called make one call. */
    private final class RequestTeller {
        private final Runnable listener;
        private final OrderedExecutor lane =
                new OrderedExecutor(context.callbacks().usual());
        private final AtomicBoolean due = new AtomicBoolean();

        RequestTeller(Runnable listener) {
            this.listener = listener;
        }

        void tell() {
            if (!due.getAndSet(true)) {
                lane.execute(() -> {
                    due.set(false);
                    if (end == null) {
                        listener.run();
                    }
                });
            }
        }
    }

    /** Each is told by itself, so that none waits for another. */
    private void whenLost(Executor executor, Consumer<LossReason> listener) {
        Consumer<LossReason> teller = reason -> executor.execute(() -> listener.accept(reason));
        context.serial().execute(() -> {
            End over = end;
            if (over == null) {
                lossTellers.add(teller);
            } else if (over.reason != null) {
                teller.accept(over.reason);
            }
        });
    }

    /**
     * Rings the bell, on a thread for that, when the hold is about to be lost, and when it is. Any thread may call it.
     */
    public HoldAlarm alarm(Runnable bell) {
        HoldAlarm set = new HoldAlarm(context, this, bell);
        context.serial().execute(set::begin);
        return set;
    }

    /** What it holds, in the protocol's words. */
    public LockableKey key() {
        return hold.key;
    }

    TrackedHold hold() {
        return hold;
    }

    boolean isEnded() {
        return end != null;
    }

    /** Why it was lost; {@code null} if it was not, or only the clock knows of that so far. */
    public @Nullable LossReason lossReason() {
        End over = end;
        return over == null ? null : over.reason;
    }

    /** Whether releasing it gives the whole hold back, and not only what it added. */
    boolean isWhole() {
        return whole;
    }

    /** What gives back what its acquire added, through whatever session. */
    Release toRelease() {
        return whole
                ? new Release(hold.key, hold.owner, hold.token, Release.ALL)
                : new Release(hold.key, hold.owner, hold.token, permits, acquiredIn, lease == LeaseKind.SESSION);
    }

    /** What ends its hold that long from now, through whatever session. */
    ExpireIn toExpireIn(long leftMs) {
        return new ExpireIn(hold.key, hold.owner, hold.token, leftMs, acquiredIn);
    }

    boolean isOf(ClientSession session) {
        return acquiredIn == session.id().low();
    }

    LeaseKind lease() {
        return lease;
    }

    /** Time alone ends it from now on, whatever its acquire asked for. */
    void endsByTime() {
        lease = LeaseKind.TTL;
    }

    void letGo(boolean letting) {
        lettingGo = letting;
    }

    void doubt(boolean doubtful) {
        inDoubt = doubtful;
    }

    /** Part of it was given back by its owner, and so many are left. */
    void leave(int left) {
        permits = left;
    }

    void becameSuspect() {
        suspectListeners.forEach(this::tellOfSuspicion);
        checkAlarm();
    }

    private void checkAlarm() {
        alarms.forEach(HoldAlarm::check);
    }

    /** The client is closed, and nothing will be heard of the hold any more. */
    void onClosed() {
        alarms.forEach(HoldAlarm::ringLast);
    }

    void releaseRequested() {
        requestTellers.forEach(RequestTeller::tell);
    }

    void markReleased() {
        if (end == null) {
            end = new End(null, Instant.EPOCH);
            suspectListeners.clear();
            requestTellers = List.of();
            lossTellers.clear();
            checkAlarm();
        }
    }

    void markLost(LossReason reason, Instant at) {
        if (end == null) {
            end = new End(reason, at);
            suspectListeners.clear();
            requestTellers = List.of();
            lossTellers.forEach(teller -> teller.accept(reason));
            lossTellers.clear();
            checkAlarm();
        }
    }

    /** Why it cannot be released or extended; to be asked when it has ended. */
    LockException endException() {
        End over = end;
        if (over == null || over.reason == null) {
            return new LockNotHeldException(lockable.key(), owner, null);
        }
        return Loss.exception(lockable, owner, over.reason, over.at);
    }

    @Override
    public String toString() {
        return "hold of " + owner + " on '" + lockable.key() + "' (token " + hold.token + ", " + state() + ")";
    }
}
