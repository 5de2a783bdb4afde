package dev.holdfast.jepsen.concurrency;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.FencedLock;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwnerType;
import dev.holdfast.client.Lockable;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** How the callers of a {@link Crowd} get into its rooms, which have room for one. */
interface Door extends AutoCloseable {
    /** What is done in the room, by whoever holds that fencing token. */
    interface Visit {
        void inside(long token) throws InterruptedException;
    }

    void pass(int caller, int room, Visit visit) throws InterruptedException;

    @Override
    default void close() {}

    /** Several clients of a cluster in memory; every other caller uses the {@code Lock} view. */
    static Door holdfast(int rooms) {
        int clients = 4;
        LockOwnerType type = Holdfast.createLockOwner("caller");
        List<Lockable> lockables = IntStream.range(0, rooms)
                .mapToObj(room -> Holdfast.createLockable("room-" + room).of())
                .toList();
        TestCluster cluster = TestCluster.start();
        List<HoldfastLock> locks = IntStream.range(0, clients)
                .mapToObj(i -> cluster.newClient(Door::patient).createLock())
                .toList();
        List<List<FencedLock>> views = locks.stream()
                .map(lock -> lockables.stream().map(lock::asJavaLock).toList())
                .toList();
        return new Door() {
            @Override
            public void pass(int caller, int room, Visit visit) throws InterruptedException {
                int client = caller % clients;
                if (caller / clients % 2 == 0) {
                    AcquireOptions waiting = AcquireOptions.defaults().waitForever();
                    String name = String.valueOf(caller);
                    try (LockHandle handle = locks.get(client).hold(type.of(name), lockables.get(room), waiting)) {
                        visit.inside(handle.token());
                    }
                } else {
                    FencedLock view = views.get(client).get(room);
                    view.lock();
                    try {
                        visit.inside(view.token());
                    } finally {
                        view.unlock();
                    }
                }
            }

            @Override
            public void close() {
                cluster.close();
            }
        };
    }

    // A machine that is busy with other things must not look like a lock that was lost.
    private static ClientOptions patient(ClientOptions options) {
        return options.sessionLease(Duration.ofMinutes(30)).requestTimeout(Duration.ofMinutes(30));
    }

    /** Keeps nobody out. */
    static Door open() {
        AtomicLong tokens = new AtomicLong();
        return (caller, room, visit) -> visit.inside(tokens.incrementAndGet());
    }

    /** Lets one in at a time, and those who wait keep the thread that carries them. */
    static Door spinning(int rooms) {
        AtomicLong tokens = new AtomicLong();
        List<AtomicBoolean> taken =
                IntStream.range(0, rooms).mapToObj(i -> new AtomicBoolean()).toList();
        return (caller, room, visit) -> {
            while (!taken.get(room).compareAndSet(false, true)) {
                Thread.onSpinWait();
            }
            try {
                visit.inside(tokens.incrementAndGet());
            } finally {
                taken.get(room).set(false);
            }
        };
    }
}
