package dev.holdfast.jepsen.workload;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Callers that contend for a few mutexes: they acquire, with and without waiting, bound to their session or to a TTL; look
 * at what they believe, and at what the cluster says; extend and release.
 */
public final class MutexWorkload implements AutoCloseable {
    private static final int KEYS = 3;
    private static final int USES_PER_KEY = 25;
    private static final Duration TTL = Duration.ofSeconds(2);
    private static final Duration WAIT = Duration.ofMillis(300);
    private static final LockOwnerType CALLER = Holdfast.createLockOwner("caller");

    private final Recorder recorder = new Recorder();
    private final BoundedKeys keys = new BoundedKeys("mutex", KEYS, USES_PER_KEY);
    private final List<HoldfastClient> clients = new ArrayList<>();
    private final List<Thread> callers = new ArrayList<>();
    private volatile boolean working = true;

    /**
     * Starts callers that go on until {@link #stop}.
     *
     * @param servers as {@code Holdfast.connect} wants them
     * @param seed decides what is done, though not when
     */
    public static MutexWorkload start(String servers, int clients, int callersPerClient, long seed) {
        MutexWorkload workload = new MutexWorkload();
        for (int i = 0; i < clients; i++) {
            HoldfastClient client = Holdfast.connect(
                    servers, ClientOptions.defaults().name("client-" + i).requestTimeout(Duration.ofSeconds(5)));
            workload.clients.add(client);
            for (int j = 0; j < callersPerClient; j++) {
                Random random = new Random(seed * 1_000_003 + i * 1_009L + j);
                workload.callers.add(new Thread(() -> workload.work(client, random), "caller-" + i + "-" + j));
            }
        }
        workload.callers.forEach(Thread::start);
        return workload;
    }

    public Recorder recorder() {
        return recorder;
    }

    /** Waits until every caller has finished what it is doing. */
    public void stop() throws InterruptedException {
        working = false;
        for (Thread caller : callers) {
            caller.join();
        }
    }

    private void work(HoldfastClient client, Random random) {
        Caller caller = new Caller(client.createLock());
        try {
            while (working) {
                String key = keys.use(random.nextInt(keys.count()));
                if (!caller.once(key, random)) {
                    // A process does nothing after an outcome that it does not know.
                    caller = new Caller(client.createLock());
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        working = false;
        clients.forEach(HoldfastClient::close);
    }

    private final class Caller {
        private final int process = recorder.newProcess();
        private final LockOwner owner = CALLER.of(String.valueOf(process));
        private final HoldfastLock lock;

        Caller(HoldfastLock lock) {
            this.lock = lock;
        }

        /** One acquire and what follows. Returns whether all of it is known. */
        boolean once(String key, Random random) throws InterruptedException {
            Lockable lockable = Holdfast.createLockable(key).of();
            if (random.nextInt(6) == 0) {
                return known(recorder.record(process, key, new Call.Inspect(), () -> inspect(lockable)));
            }
            boolean ttl = random.nextBoolean();
            AcquireOptions options = ttl ? AcquireOptions.defaults().ttl(TTL) : AcquireOptions.defaults();
            AcquireOptions waiting = random.nextBoolean() ? options.wait(WAIT) : options;
            Duration lease = ttl ? TTL : ClientOptions.defaults().sessionLease();
            Call call = new Call.Acquire(
                    owner.id(), 1, 1, false, ttl ? Call.Lease.TTL : Call.Lease.SESSION, lease.toMillis());
            List<LockHandle> held = new ArrayList<>(1);
            Result result =
                    recorder.record(process, key, call, () -> granted(lock.acquire(owner, lockable, waiting), held));
            for (LockHandle handle : held) {
                if (!use(key, handle, ttl, random)) {
                    return false;
                }
            }
            return known(result);
        }

        private Result granted(AcquireResult result, List<LockHandle> held) {
            if (!result.acquired()) {
                return new Result.Refused();
            }
            held.add(result.orThrow());
            return new Result.Granted(result.token(), 1);
        }

        private Result inspect(Lockable lockable) {
            return new Result.Seen(lock.get(lockable)
                    .map(info -> List.of(new Result.HoldSeen(info.owner().id(), info.token(), 1)))
                    .orElse(List.of()));
        }

        private boolean use(String key, LockHandle handle, boolean ttl, Random random) throws InterruptedException {
            long token = handle.token();
            for (int i = random.nextInt(3); i >= 0; i--) {
                Call belief = new Call.Believe(owner.id(), token);
                recorder.record(
                        process,
                        key,
                        belief,
                        () -> handle.state() == HoldState.HELD ? new Result.Done() : new Result.NotHeld());
                TimeUnit.MICROSECONDS.sleep(random.nextInt(8_000));
            }
            if (ttl && random.nextInt(3) == 0) {
                Call extend = new Call.Extend(owner.id(), token, TTL.toMillis());
                Result extended = recorder.record(process, key, extend, () -> {
                    handle.extend(TTL);
                    return new Result.Done();
                });
                if (!known(extended)) {
                    return false;
                }
            }
            return known(recorder.record(process, key, new Call.Release(owner.id(), token, 0), () -> {
                handle.release();
                return new Result.Done();
            }));
        }

        private boolean known(Result result) {
            return !(result instanceof Result.Unknown);
        }
    }
}
