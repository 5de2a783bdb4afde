package dev.holdfast.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many at once. */
abstract class ContentionContract extends ContractBase {
    private static final int CONTENDERS = 60;
    private static final int THREADS = 8;
    private static final int TURNS = 5;

    /** How many are inside, and the most that ever were. */
    private static final class Room {
        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();

        void enter(int people) {
            most.accumulateAndGet(inside.addAndGet(people), Math::max);
        }

        void leave(int people) {
            inside.addAndGet(-people);
        }
    }

    @Test
    void of_many_contenders_never_two_hold_a_lock_and_tokens_strictly_rise() {
        HoldfastLock otherLock = otherClient().createLock();
        Room room = new Room();
        List<Long> tokens = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            HoldfastLock mine = i % 2 == 0 ? lock : otherLock;
            all.add(mine.acquireAsync(
                            LockOwner.unique("contender"),
                            thing,
                            AcquireOptions.defaults().waitForever())
                    .thenComposeAsync(granted -> {
                        room.enter(1);
                        LockHandle handle = granted.orThrow();
                        tokens.add(handle.token());
                        room.leave(1);
                        return handle.releaseAsync();
                    })
                    .toCompletableFuture());
        }

        result(CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)));

        assertThat(room.most).hasValue(1);
        assertThat(tokens).hasSize(CONTENDERS).isSorted();
        assertThat(new HashSet<>(tokens)).hasSize(CONTENDERS);
        assertThat(lock.isLocked(thing)).isFalse();
    }

    @Test
    void of_many_blocked_threads_never_two_hold_a_lock() throws InterruptedException {
        HoldfastClient other = otherClient();
        Room room = new Room();
        int[] turns = new int[1];
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            HoldfastLock mine = i % 2 == 0 ? lock : other.createLock();
            LockOwner owner = LockOwner.unique("thread");
            Thread thread = new Thread(() -> {
                try {
                    for (int turn = 0; turn < TURNS; turn++) {
                        try (LockHandle handle = mine.hold(owner, thing, waiting())) {
                            room.enter(1);
                            turns[0] += handle.permits();
                            room.leave(1);
                        }
                    }
                } catch (InterruptedException | RuntimeException | Error e) {
                    failures.add(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join(2 * PATIENCE.toMillis());
        }

        assertThat(failures).isEmpty();
        assertThat(room.most).hasValue(1);
        assertThat(turns[0]).isEqualTo(THREADS * TURNS);
    }

    @Test
    void of_a_semaphore_of_five_never_six_are_taken() {
        HoldfastSemaphore five = client().createSemaphore(5);
        HoldfastSemaphore elsewhere = otherClient().createSemaphore(5);
        Room room = new Room();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            int permits = i % 3 + 1;
            HoldfastSemaphore mine = i % 2 == 0 ? five : elsewhere;
            all.add(mine.acquireAsync(
                            LockOwner.unique("contender"),
                            thing,
                            permits,
                            AcquireOptions.defaults().waitForever())
                    .thenComposeAsync(granted -> {
                        room.enter(permits);
                        LockHandle handle = granted.orThrow();
                        Thread.onSpinWait();
                        room.leave(permits);
                        return handle.releaseAsync();
                    })
                    .toCompletableFuture());
        }

        result(CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)));

        assertThat(room.most.get()).isBetween(2, 5);
        assertThat(five.available(thing)).isEqualTo(5);
    }
}
