package dev.holdfast.jepsen.workload;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.WaiterInfo;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Result;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One process of a history: an owner whose calls are recorded. Confined to one thread. */
final class Caller {
    static final LockOwnerType TYPE = Holdfast.createLockOwner("caller");
    static final Duration TTL = Duration.ofSeconds(2);

    private static final Duration WAIT = Duration.ofMillis(300);

    private static final int LET_GO_ATTEMPTS = 20;

    final HoldfastClient client;
    final Random random;
    final int process;
    final LockOwner owner;

    private final Recorder recorder;
    private final SharedKeys keys;
    private final Deque<Open> open = new ArrayDeque<>();

    /** Handles of which it is not known whether they were released. */
    private final Set<LockHandle> inDoubt = new HashSet<>();

    Caller(HoldfastClient client, Recorder recorder, SharedKeys keys, Random random) {
        this.client = client;
        this.recorder = recorder;
        this.keys = keys;
        this.random = random;
        this.process = recorder.newProcess();
        this.owner = TYPE.of(String.valueOf(process));
    }

    /** A new process, which has done nothing yet. */
    Caller next() {
        return new Caller(client, recorder, keys, random);
    }

    /** A grant that was not given back yet. */
    private record Open(Spot spot, LockHandle handle, int permits) {}

    /**
     * Releases whatever is left, as other processes, after an unknown outcome. Where that is the outcome of a release,
     * the client is asked to find it out. That is not another release: the one that was requested takes effect at some
     * time, or never.
     */
    void letGo() throws InterruptedException {
        for (int attempt = 0; attempt < LET_GO_ATTEMPTS && !open.isEmpty(); attempt++) {
            Open given = open.getFirst();
            if (!inDoubt.contains(given.handle)) {
                release(recorder.newProcess(), given);
            } else if (isOver(given, Recorder.resultOf(() -> released(given)))) {
                open.remove(given);
            }
        }
        open.clear();
        inDoubt.clear();
    }

    private static Result released(Open given) {
        given.handle.release();
        return new Result.Done();
    }

    private static boolean isOver(Open given, Result result) {
        return result instanceof Result.Done
                || result instanceof Result.NotHeld
                || given.handle.state() == HoldState.LOST;
    }

    /** A place, and the key that is in it now. */
    record Spot(int place, String key) {}

    Spot anySpot() {
        int place = random.nextInt(SharedKeys.places());
        return new Spot(place, keys.in(place));
    }

    /** What one acquire asks for. */
    record Wish(int permits, int limit, boolean reentrant, boolean ttl, Duration waiting) {
        AcquireOptions options() {
            AcquireOptions options = ttl ? AcquireOptions.defaults().ttl(TTL) : AcquireOptions.defaults();
            return waiting.isZero() ? options : options.wait(waiting);
        }
    }

    /** None, half of the time. */
    Duration anyWait() {
        return random.nextBoolean() ? WAIT : Duration.ZERO;
    }

    /** Asks the client for it. */
    interface Asking {
        AcquireResult ask(AcquireOptions options) throws InterruptedException;
    }

    /**
     * What came of an acquire.
     *
     * @param handle of the grant; {@code null} if there was none
     */
    record Got(Result result, @Nullable LockHandle handle) {
        /** What is held after a further acquire, as far as its client can know. */
        int countAfter(AcquireResult further, int added) {
            boolean same = handle != null && handle.state() != HoldState.LOST && handle.token() == further.token();
            return same && result instanceof Result.Granted granted && granted.isCountKnown()
                    ? granted.count() + added
                    : Result.Granted.COUNT_UNKNOWN;
        }

        boolean isKnown() {
            return known(result);
        }
    }

    /** Asks for a hold that is not held yet. */
    Got acquire(Spot spot, Wish wish, Asking asking) throws InterruptedException {
        return acquireMore(spot, wish, null, asking);
    }

    /**
     * Asks for more of a hold.
     *
     * @param before what came of the last acquire of it; {@code null} if it is not held yet
     */
    Got acquireMore(Spot spot, Wish wish, @Nullable Got before, Asking asking) throws InterruptedException {
        Call call = new Call.Acquire(
                owner.id(),
                wish.permits,
                wish.limit,
                wish.reentrant,
                wish.ttl ? Call.Lease.TTL : Call.Lease.SESSION,
                // An acquire does not renew the session, which may have been about to end.
                wish.ttl ? TTL.toMillis() : 0);
        LockHandle[] handle = new LockHandle[1];
        long since = System.nanoTime();
        Result result = record(spot.key, call, () -> {
            AcquireResult answer = asking.ask(wish.options());
            if (!answer.acquired()) {
                return new Result.Refused();
            }
            handle[0] = answer.orThrow();
            return new Result.Granted(answer.token(), countAfter(answer, wish, before));
        });
        if (handle[0] != null) {
            keys.granted(spot.place);
            Open given = new Open(spot, handle[0], wish.limit == 1 && !wish.reentrant ? 0 : wish.permits);
            open.push(given);
            if (given.permits > 0) {
                handle[0].onLost(reason -> givenBack(given, since));
            }
        }
        return new Got(result, handle[0]);
    }

    private static int countAfter(AcquireResult answer, Wish wish, @Nullable Got before) {
        if (!answer.reacquired() || (wish.limit == 1 && !wish.reentrant)) {
            return wish.permits;
        }
        // Unasked for, it may be a hold that the client had lost by its own clock, and the cluster had not ended yet.
        return before == null ? Result.Granted.COUNT_UNKNOWN : before.countAfter(answer, wish.permits);
    }

    /**
     * A client releases of its own accord what it counts as lost, where the hold may outlive it: at any time since
     * then.
     */
    private void givenBack(Open lost, long sinceNanos) {
        recorder.mayHaveHappened(
                lost.spot.key, new Call.Release(owner.id(), lost.handle.token(), lost.permits), sinceNanos);
    }

    /** Asks the client a few times whether it believes that it holds this. */
    void believe(Spot spot, LockHandle handle) throws InterruptedException {
        for (int i = random.nextInt(3); i >= 0; i--) {
            record(
                    spot.key,
                    new Call.Believe(owner.id(), handle.token()),
                    () -> handle.state() == HoldState.HELD ? new Result.Done() : new Result.NotHeld());
            TimeUnit.MICROSECONDS.sleep(random.nextInt(8_000));
        }
    }

    /** Returns whether the outcome is known. */
    boolean extend(Spot spot, LockHandle handle) throws InterruptedException {
        return known(record(spot.key, new Call.Extend(owner.id(), handle.token(), TTL.toMillis()), () -> {
            handle.extend(TTL);
            return new Result.Done();
        }));
    }

    /** Releases what that handle stands for. Returns whether it is over, one way or another. */
    boolean release(LockHandle handle) throws InterruptedException {
        return release(
                process,
                open.stream().filter(each -> each.handle == handle).findFirst().orElseThrow());
    }

    private boolean release(int by, Open given) throws InterruptedException {
        Call call = new Call.Release(owner.id(), given.handle.token(), given.permits);
        Result result = recorder.record(by, given.spot.key, call, () -> released(given));
        if (!known(result)) {
            inDoubt.add(given.handle);
        }
        boolean over = isOver(given, result);
        if (over) {
            open.remove(given);
        }
        return over;
    }

    Result record(String key, Call call, Recorder.Attempt attempt) throws InterruptedException {
        return recorder.record(process, key, call, attempt);
    }

    static Result.Seen seen(List<HoldInfo> holds, List<WaiterInfo> waiters) {
        return new Result.Seen(
                holds.stream()
                        .map(hold -> new Result.HoldSeen(hold.owner().id(), hold.token(), hold.count()))
                        .toList(),
                waiters.stream().map(waiter -> waiter.owner().id()).toList());
    }

    static boolean known(Result result) {
        return !(result instanceof Result.Unknown);
    }
}
