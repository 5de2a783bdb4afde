package dev.holdfast.server.demo;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastSemaphore;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.SemaphoreCapacityExceededException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Six callers want one of five permits each. */
final class SemaphoreOfFive implements Scene {
    private static final int MAX = 5;

    @Override
    public String title() {
        return "A semaphore of 5: five are in, the sixth waits until one leaves";
    }

    @Override
    public String play(Stage stage) throws InterruptedException {
        Lockable api = Holdfast.createLockable("partner-api").of();
        HoldfastSemaphore semaphore = stage.client("here").createSemaphore(MAX);
        List<LockHandle> inside = new ArrayList<>();
        for (int i = 1; i <= MAX; i++) {
            inside.add(semaphore.acquire(Stage.worker(Integer.toString(i)), api).orThrow());
        }
        stage.line("five workers acquire one permit each", available(semaphore, api));
        Stage.check(semaphore.available(api) == 0, "five permits are held, and not none is free");

        LockOwner sixth = Stage.worker("6");
        HoldfastSemaphore there = stage.client("there").createSemaphore(MAX);
        AcquireResult atOnce = there.acquire(sixth, api);
        stage.line(sixth + " acquires one without waiting", atOnce.acquired() ? "granted" : "refused");
        Stage.check(!atOnce.acquired(), "six are in");

        CompletableFuture<AcquireResult> later = there.acquireAsync(
                        sixth, api, 1, AcquireOptions.defaults().wait(Duration.ofSeconds(20)))
                .toCompletableFuture();
        Stage.until(() -> semaphore.get(api).waiterCount() == 1, sixth + " is in the queue");
        stage.line(sixth + " acquires one, and waits", later.isDone() ? "not waiting" : "in the queue");
        Stage.check(!later.isDone(), "the sixth did not wait");
        inside.get(2).release();
        AcquireResult granted = Stage.await(later, "the grant to the sixth");
        stage.line("worker:3 releases", sixth + " is in, token " + granted.token() + "; " + available(semaphore, api));
        Stage.check(semaphore.available(api) == 0, "the permit was not handed on");

        stage.line("worker:7 acquires " + (MAX + 1) + " of " + MAX, tooMany(semaphore, api));
        return "never more than five inside";
    }

    private static String tooMany(HoldfastSemaphore semaphore, Lockable lockable) {
        try {
            throw new SceneFailedException("a request for more than there can be was not an error, but "
                    + semaphore.acquire(Stage.worker("7"), lockable, MAX + 1));
        } catch (SemaphoreCapacityExceededException e) {
            return e.getClass().getSimpleName() + ", max " + e.max();
        }
    }

    private static String available(HoldfastSemaphore semaphore, Lockable lockable) {
        return semaphore.available(lockable) + " of " + semaphore.max() + " free";
    }
}
