package dev.holdfast.jepsen.simulation;

import dev.holdfast.client.AcquireAllResult;
import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.simulation.Plan.Ask;
import dev.holdfast.jepsen.simulation.Plan.Force;
import dev.holdfast.jepsen.simulation.Plan.Look;
import dev.holdfast.jepsen.simulation.Plan.Together;
import dev.holdfast.protocol.Answer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An owner that makes one request after another. After an unknown outcome another owner takes its place, and yet others
 * release what was held, since a process does nothing after such an outcome.
 */
final class SimulatedCaller {
    private static final long THINK = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long THINK_HARD = TimeUnit.MILLISECONDS.toNanos(2500);
    private static final int HARD_ONE_IN = 8;
    private static final long KEPT_UNTIL = TimeUnit.MILLISECONDS.toNanos(Plan.LENGTH_MS + 15_000);
    private static final long LET_GO_AGAIN = TimeUnit.MILLISECONDS.toNanos(300);

    private static final LockOwner SHARED_OWNER = SimulatedClient.owner(-2);

    /** The outcome of a release that was not requested. */
    private static final CompletableFuture<Result> NOTHING = CompletableFuture.completedFuture(new Result.Done());

    private final SimulatedClient client;
    private final SimulatedHistory history;
    private final Random random;
    private final boolean sharing;
    private final @Nullable LockOwner mutexOwner;
    private final Deque<Runnable> wishes = new ArrayDeque<>();
    private int process;
    private LockOwner owner;
    private boolean busy;

    /** Handles whose release was requested, whatever the outcome. */
    private final Set<LockHandle> releasing = new HashSet<>();

    /** Handles of which it is not known whether they were released. */
    private final Set<LockHandle> inDoubt = new HashSet<>();

    /**
     * A grant that was not given back yet.
     *
     * @param count what the hold counted then, as far as the client can know
     */
    private record Open(Ask ask, LockHandle handle, LockOwner owner, int released, int count) {}

    private final Deque<Open> open = new ArrayDeque<>();

    /** What it ever asked to hold until it is released. */
    private final Set<SimulatedLockable> kept = EnumSet.noneOf(SimulatedLockable.class);

    /** Those of them that it may hold without knowing. */
    private final Set<SimulatedLockable> orphans = EnumSet.noneOf(SimulatedLockable.class);

    /**
     * @param sharing whether another client's caller acts for the same owner, where holds count
     * @param mutexOwner as whom it acquires the plain mutex, together with another caller of its client; {@code null} for
     *     an owner of its own
     */
    SimulatedCaller(
            SimulatedClient client,
            SimulatedHistory history,
            Random random,
            boolean sharing,
            @Nullable LockOwner mutexOwner) {
        this.mutexOwner = mutexOwner;
        this.client = client;
        this.history = history;
        this.random = random;
        this.sharing = sharing;
        this.process = history.newProcess();
        this.owner = SimulatedClient.owner(process);
    }

    /** Whether it has something unfinished; never if its client is gone. */
    boolean isBusy() {
        return !client.isGone() && (busy || !wishes.isEmpty());
    }

    /** What it may have left held until it is released, without anybody who could release it. */
    Set<SimulatedLockable> orphans() {
        Set<SimulatedLockable> all = EnumSet.copyOf(orphans);
        if (client.isGone()) {
            all.addAll(kept);
        }
        return all;
    }

    /** Those of its holds until released that its client is not sure of. */
    List<LockHandle> unsure() {
        return open.stream()
                .filter(each -> each.ask.keptMs() > 0)
                .map(Open::handle)
                .filter(handle -> !client.isGone() && handle.state() == HoldState.SUSPECT)
                .toList();
    }

    /** What its client now believes that it holds. */
    Map<LockHandle, SimulatedLockable> beliefs() {
        Map<LockHandle, SimulatedLockable> beliefs = new LinkedHashMap<>();
        for (Open each : open) {
            if (client.process().isRunning() && each.handle.state() == HoldState.HELD) {
                beliefs.put(each.handle, each.ask.lockable());
            }
        }
        return beliefs;
    }

    void wish(Ask ask) {
        enqueue(() -> acquire(ask, 1, NOTHING));
    }

    void wish(Look look) {
        enqueue(() -> look(look));
    }

    void wish(Force force) {
        enqueue(() -> force(force));
    }

    void wish(Together together) {
        enqueue(() -> acquire(together));
    }

    private boolean isShared(Ask ask) {
        return sharing && ask.lockable() != SimulatedLockable.MUTEX;
    }

    private LockOwner ownerFor(Ask ask) {
        if (mutexOwner != null && ask.lockable() == SimulatedLockable.MUTEX) {
            return mutexOwner;
        }
        return isShared(ask) ? SHARED_OWNER : owner;
    }

    private void enqueue(Runnable wish) {
        client.process().run(() -> {
            wishes.add(wish);
            if (!busy) {
                next();
            }
        });
    }

    private void next() {
        Runnable wish = client.isGone() ? null : wishes.poll();
        busy = wish != null;
        if (wish != null) {
            wish.run();
        }
    }

    private void soon(Runnable action) {
        client.process().schedule(action, random.nextLong(random.nextInt(HARD_ONE_IN) == 0 ? THINK_HARD : THINK));
    }

    // ---- what it does

    private void look(Look look) {
        int number = history.invoke(process, look.lockable().key(), new Call.Inspect());
        client.look(look.lockable(), look.peer())
                .whenComplete((answer, failure) -> client.process().run(() -> {
                    history.complete(number, answer == null ? new Result.Failed("no answer") : seen(answer));
                    next();
                }));
    }

    private void force(Force force) {
        int number = history.invoke(process, force.lockable().key(), new Call.ForceRelease());
        onDone(
                number,
                client.force(force.lockable()),
                taken -> taken == 0 ? new Result.NotHeld() : new Result.Done(),
                (taken, result) -> goOn(result, this::next));
    }

    private static Result seen(Answer answer) {
        if (!(answer instanceof Answer.LockableView view)) {
            throw new SimulationFailure("an answer to a different question: " + answer);
        }
        return new Result.Seen(
                view.holds().stream()
                        .map(hold -> new Result.HoldSeen(hold.owner().id(), hold.token(), hold.count()))
                        .toList(),
                view.waiters().stream().map(waiter -> waiter.owner().id()).toList());
    }

    /** @param before the outcome of a release that is still under way */
    private void acquire(Ask ask, int time, CompletableFuture<Result> before) {
        SimulatedLockable what = ask.lockable();
        LockOwner asking = ownerFor(ask);
        long ttlMs = ask.ttlMs(time);
        Call call = new Call.Acquire(
                asking.id(),
                ask.permits(),
                what.limit(),
                what == SimulatedLockable.REENTRANT_MUTEX,
                lease(ask, ttlMs),
                // A caller does not know when its session was renewed.
                ttlMs);
        if (ask.keptMs() > 0) {
            kept.add(what);
            if (isShared(ask)) {
                // Together with this, what the other one could not give back is kept as well.
                orphans.add(what);
            }
        }
        int number = history.invoke(process, what.key(), call);
        CompletableFuture<AcquireResult> asked = client.acquire(asking, what, ask.permits(), options(ask, ttlMs));
        if (ask.giveUpMs() > 0 && time == 1) {
            client.process().schedule(() -> asked.cancel(false), TimeUnit.MILLISECONDS.toNanos(ask.giveUpMs()));
        }
        onDone(number, asked, answer -> granted(ask, answer), (answer, result) -> {
            if (ask.keptMs() > 0 && result instanceof Result.Unknown) {
                orphans.add(what);
            }
            if (answer == null || !answer.acquired()) {
                before.thenAccept(released -> goOn(worse(released, result), this::releaseAll));
                return;
            }
            LockHandle handle = answer.orThrow();
            if (!open.isEmpty() && open.getFirst().handle.token() != handle.token()) {
                // The hold was lost on the way; this is another.
                open.clear();
            }
            int count = result instanceof Result.Granted granted ? granted.count() : Result.Granted.COUNT_UNKNOWN;
            Open given = new Open(ask, handle, asking, released(ask), count);
            open.push(given);
            client.listenTo(handle);
            if (given.released > 0) {
                handle.onLost(reason -> givenBack(number, given));
            }
            before.thenAccept(released -> goOn(worse(released, result), () -> look(ask, handle, time)));
        });
    }

    /**
     * Acquires several at once, as an owner that holds nothing yet. To each of them that is an acquire by itself; that not
     * all were free says nothing of any.
     */
    private void acquire(Together together) {
        process = history.newProcess();
        owner = SimulatedClient.owner(process);
        List<Ask> asks = together.asks();
        List<Integer> numbers = new ArrayList<>();
        for (Ask ask : asks) {
            Call call = new Call.Acquire(owner.id(), 1, 1, false, lease(ask, ask.ttlMs()), ask.ttlMs());
            numbers.add(history.invoke(
                    numbers.isEmpty() ? process : history.newProcess(),
                    ask.lockable().key(),
                    call));
        }
        CompletableFuture<AcquireAllResult> asked = client.acquireAll(
                owner, asks.stream().map(Ask::lockable).toList(), options(asks.get(0), together.ttlMs()));
        if (together.giveUpMs() > 0) {
            client.process().schedule(() -> asked.cancel(false), TimeUnit.MILLISECONDS.toNanos(together.giveUpMs()));
        }
        asked.whenComplete((answer, failure) -> client.process().execute(() -> {
            if (answer != null && answer.acquired()) {
                granted(asks, numbers, answer.orThrow().handles());
                soon(() -> {
                    open.forEach(each -> believe(each.ask, each.handle));
                    releaseAll();
                });
            } else {
                Result result = failure == null ? new Result.Failed("not all were free") : meaningOf(failure);
                numbers.forEach(number -> history.complete(number, result));
                goOn(result, this::releaseAll);
            }
        }));
    }

    private void granted(List<Ask> asks, List<Integer> numbers, List<LockHandle> handles) {
        for (int i = 0; i < asks.size(); i++) {
            LockHandle handle = handles.get(i);
            history.complete(numbers.get(i), new Result.Granted(handle.token(), 1));
            open.push(new Open(asks.get(i), handle, owner, 0, 1));
            client.listenTo(handle);
        }
    }

    private static Call.Lease lease(Ask ask, long ttlMs) {
        if (ask.keptMs() > 0) {
            return Call.Lease.UNTIL_RELEASED;
        }
        return ttlMs > 0 ? Call.Lease.TTL : Call.Lease.SESSION;
    }

    private static AcquireOptions options(Ask ask, long ttlMs) {
        AcquireOptions options = AcquireOptions.defaults();
        if (ask.keptMs() > 0) {
            options = options.untilReleased();
        } else if (ttlMs > 0) {
            options = options.ttl(Duration.ofMillis(ttlMs));
        }
        if (ask.waitMs() > 0) {
            options = options.wait(Duration.ofMillis(ask.waitMs()));
        }
        return ask.timeoutMs() > 0 ? options.timeout(Duration.ofMillis(ask.timeoutMs())) : options;
    }

    private static Result worse(Result released, Result acquired) {
        return released instanceof Result.Unknown || released instanceof Result.Failed
                ? new Result.Unknown("the outcome of the release before it")
                : acquired;
    }

    /** What a client counts as lost it gives back, unasked, where the hold may go on without it. */
    private void givenBack(int acquire, Open lost) {
        history.mayHaveHappened(
                acquire, history.newProcess(), new Call.Release(lost.owner.id(), lost.handle.token(), lost.released));
    }

    private static int released(Ask ask) {
        return ask.lockable() == SimulatedLockable.MUTEX ? 0 : ask.permits();
    }

    private Result granted(Ask ask, AcquireResult answer) {
        if (!answer.acquired()) {
            return new Result.Refused();
        }
        long token = answer.token();
        if (ask.lockable() == SimulatedLockable.MUTEX) {
            // Acquired again, it is still the one hold.
            return new Result.Granted(token, 1);
        }
        if (!answer.reacquired()) {
            return new Result.Granted(token, ask.permits());
        }
        // Unasked for, it may be a hold that the client had lost by its own clock, and the cluster had not ended yet.
        Open last = open.peek();
        boolean known = last != null
                && last.handle.token() == token
                && last.handle.state() != HoldState.LOST
                && !releasing.contains(last.handle)
                && last.count != Result.Granted.COUNT_UNKNOWN;
        return new Result.Granted(token, known ? last.count + ask.permits() : Result.Granted.COUNT_UNKNOWN);
    }

    /** Asks the client now and then whether it believes that it holds this. */
    private void look(Ask ask, LockHandle handle, int time) {
        believe(ask, handle);
        if (ask.extend() && time == 1) {
            Call call = new Call.Extend(ownerFor(ask).id(), handle.token(), ask.ttlMs());
            int number = history.invoke(process, ask.lockable().key(), call);
            onDone(
                    number,
                    // By its owner's name it could be a later hold, which the other one acquired.
                    ownerFor(ask).equals(mutexOwner)
                            ? client.extend(handle, Duration.ofMillis(ask.ttlMs()))
                            : client.extend(ownerFor(ask), ask.lockable(), Duration.ofMillis(ask.ttlMs())),
                    done -> new Result.Done(),
                    (done, result) -> goOn(result, () -> afterLook(ask, handle, time)));
        } else if (ask.keptMs() > 0) {
            long left = Math.max(0, KEPT_UNTIL - client.process().nanoTime());
            client.process()
                    .schedule(
                            () -> afterLook(ask, handle, time),
                            Math.min(left, TimeUnit.MILLISECONDS.toNanos(ask.keptMs())));
        } else {
            soon(() -> afterLook(ask, handle, time));
        }
    }

    private void afterLook(Ask ask, LockHandle handle, int time) {
        believe(ask, handle);
        if (time < ask.times()) {
            acquire(ask, time + 1, NOTHING);
        } else if (ask.hasty() && time == 1 && open.size() == 1) {
            CompletableFuture<Result> released = new CompletableFuture<>();
            release(history.newProcess(), open.getFirst(), released::complete);
            acquire(ask, time + 1, released);
        } else {
            releaseAll();
        }
    }

    private void believe(Ask ask, LockHandle handle) {
        int number = history.invoke(
                process, ask.lockable().key(), new Call.Believe(ownerFor(ask).id(), handle.token()));
        history.complete(number, handle.state() == HoldState.HELD ? new Result.Done() : new Result.NotHeld());
    }

    private void releaseAll() {
        Open youngest = open.peek();
        if (youngest == null) {
            next();
            return;
        }
        release(process, youngest.ask.oldestFirst() ? open.getLast() : youngest, result -> {
            if (result instanceof Result.Failed) {
                letGo();
            } else {
                goOn(result, this::releaseAll);
            }
        });
    }

    private void release(int by, Open given, Consumer<Result> then) {
        Call call = new Call.Release(given.owner.id(), given.handle.token(), given.released);
        releasing.add(given.handle);
        int number = history.invoke(by, given.ask.lockable().key(), call);
        onDone(number, client.release(given.handle), done -> new Result.Done(), (done, result) -> {
            if (result instanceof Result.Unknown) {
                inDoubt.add(given.handle);
            }
            if (isOver(given, result)) {
                open.remove(given);
            }
            then.accept(result);
        });
    }

    /**
     * Releases whatever is left, for as long as it takes. Where the outcome of a release is unknown, the client is
     * asked to find it out. That is not another release: the one that was requested takes effect at some time, or
     * never.
     */
    private void letGo() {
        Open last = open.peek();
        if (client.isGone()) {
            next();
        } else if (last == null) {
            process = history.newProcess();
            owner = SimulatedClient.owner(process);
            next();
        } else if (inDoubt.contains(last.handle) && isShared(last.ask)) {
            // If its session is lost, a second release could take from what the other one holds.
            open.remove(last);
            if (last.ask.keptMs() > 0) {
                orphans.add(last.ask.lockable());
            }
            letGo();
        } else if (inDoubt.contains(last.handle)) {
            client.release(last.handle)
                    .whenComplete((done, failure) -> client.process()
                            .execute(() ->
                                    afterAttempt(last, failure == null ? new Result.Done() : meaningOf(failure))));
        } else {
            release(history.newProcess(), last, result -> afterAttempt(last, result));
        }
    }

    private void afterAttempt(Open given, Result result) {
        if (isOver(given, result)) {
            open.remove(given);
        }
        client.process().schedule(this::letGo, open.contains(given) ? LET_GO_AGAIN : 0);
    }

    private static boolean isOver(Open given, Result result) {
        return result instanceof Result.Done
                || result instanceof Result.NotHeld
                || given.handle.state() == HoldState.LOST;
    }

    private void goOn(Result result, Runnable action) {
        if (result instanceof Result.Unknown) {
            letGo();
        } else {
            soon(action);
        }
    }

    private <T> void onDone(
            int number, CompletableFuture<T> asked, Function<T, Result> meaning, BiConsumer<@Nullable T, Result> then) {
        asked.whenComplete((answer, failure) -> client.process().execute(() -> {
            Result result = failure == null ? meaning.apply(answer) : meaningOf(failure);
            history.complete(number, result);
            then.accept(answer, result);
        }));
    }

    private static Result meaningOf(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof LockException known ? Result.of(known) : new Result.Unknown(String.valueOf(cause));
    }
}
