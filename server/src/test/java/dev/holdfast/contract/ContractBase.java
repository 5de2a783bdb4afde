package dev.holdfast.contract;

import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.info.LockInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What all parts of the contract need: clients, keys that nobody else uses, and patience. As each test has keys of its own,
 * they run at the same time, and wait for their leases together.
 */
@Execution(ExecutionMode.CONCURRENT)
abstract class ContractBase {
    /** Longer than anything takes that works at all, on a machine that is busy with other things. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    static final LockableDefinition THINGS =
            Holdfast.createLockable("thing", LockableOptions.plural().prefix("contract"));
    static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    static final LockOwner CAROL = Holdfast.createLockOwner("user").of("carol");

    private final List<HoldfastClient> others = new ArrayList<>();

    Lockable thing;
    HoldfastLock lock;

    protected abstract HoldfastClient client();

    protected abstract HoldfastClient makeClient(ClientOptions options);

    @BeforeEach
    void set_up() {
        thing = newThing();
        lock = client().createLock();
    }

    @AfterEach
    void close_other_clients() {
        others.forEach(HoldfastClient::close);
    }

    /** A lockable of which nobody knows. */
    static Lockable newThing() {
        return THINGS.of(UUID.randomUUID().toString());
    }

    /** Another process. Closed after the test. */
    HoldfastClient otherClient() {
        return otherClient(LockContract.options());
    }

    HoldfastClient otherClient(ClientOptions options) {
        HoldfastClient other = makeClient(options);
        others.add(other);
        return other;
    }

    static AcquireOptions waiting() {
        return AcquireOptions.defaults().wait(PATIENCE);
    }

    static AcquireOptions ttl(long millis) {
        return AcquireOptions.defaults().ttl(Duration.ofMillis(millis));
    }

    /** Queues behind a lock that is held, and returns once it is queued. */
    CompletableFuture<AcquireResult> queue(HoldfastLock by, LockOwner owner, AcquireOptions options) {
        int before = waiters();
        CompletableFuture<AcquireResult> waiter =
                by.acquireAsync(owner, thing, options).toCompletableFuture();
        awaitWaiters(before + 1);
        return waiter;
    }

    int waiters() {
        return lock.get(thing).map(LockInfo::waiterCount).orElse(0);
    }

    void awaitWaiters(int count) {
        await().atMost(PATIENCE).until(() -> waiters() == count);
    }

    void awaitFree() {
        await().atMost(PATIENCE).until(() -> !lock.isLocked(thing));
    }

    /** The stage's result, or what it failed with. */
    static <T> T result(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("nothing came within " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
