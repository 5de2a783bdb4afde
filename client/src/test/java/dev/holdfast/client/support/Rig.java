package dev.holdfast.client.support;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.SequencedCommand;
import dev.holdfast.protocol.SessionBatch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;

/** A client on a {@link FakeCluster}, where nothing happens that the test does not make happen. */
public final class Rig {
    public static final LockOwner ALICE = Holdfast.createLockOwner("user").of("alice");
    public static final LockOwner BOB = Holdfast.createLockOwner("user").of("bob");
    public static final Lockable ORDER =
            Holdfast.createLockable("order", LockableOptions.plural()).of("1");
    public static final LockableKey ORDER_LOCK = LockableKey.mutex("order:1");
    public static final LockableKey ORDER_SEMAPHORE = LockableKey.semaphore("order:1");

    /** The default lease of a session. */
    public static final Duration LEASE = Duration.ofSeconds(8);

    /** Longer than the longest pause between two attempts. */
    public static final Duration PAUSE = Duration.ofMillis(60);

    public final ManualTimers timers = new ManualTimers(-7_000_000_000L);
    public final FakeCluster cluster = new FakeCluster(timers);
    public final HoldfastClient client;
    public final HoldfastLock lock;

    public Rig() {
        this(options -> options);
    }

    public Rig(UnaryOperator<ClientOptions> options) {
        client = Holdfast.client(
                cluster,
                options.apply(ClientOptions.defaults()
                        .timers(new ThreadlessTimers(timers))
                        .retryPause(Duration.ofMillis(20), Duration.ofMillis(50))
                        .host("host-1")
                        .name("test")));
        lock = client.createLock();
    }

    public LockHandle hold(LockOwner owner) {
        return hold(owner, AcquireOptions.defaults());
    }

    /** Acquires the order's lock; to be used where that does not have to wait. */
    public LockHandle hold(LockOwner owner, AcquireOptions options) {
        return acquireAsync(owner, options).join().orThrow();
    }

    public CompletableFuture<AcquireResult> acquireAsync(LockOwner owner, AcquireOptions options) {
        return lock.acquireAsync(owner, ORDER, options).toCompletableFuture();
    }

    public void advance(Duration by) {
        timers.advance(by);
    }

    /** Gets past one pause between attempts. */
    public void pause() {
        advance(PAUSE);
    }

    /** What the stage failed with. */
    public static Throwable failureOf(CompletableFuture<?> stage) {
        if (!stage.isDone()) {
            throw new AssertionError("not done");
        }
        try {
            stage.join();
            throw new AssertionError("did not fail");
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    /** The batches that the client submitted, without those that open a session. */
    public List<SessionBatch> batches() {
        return cluster.submitted.stream()
                .filter(batch -> !(batch.commands().get(0).command() instanceof Command.OpenSession))
                .toList();
    }

    public SessionBatch lastBatch() {
        List<SessionBatch> batches = batches();
        return batches.get(batches.size() - 1);
    }

    /** The commands of that type that the client submitted, once for each attempt. */
    public <T extends Command> List<T> commands(Class<T> type) {
        return cluster.submitted.stream()
                .flatMap(batch -> batch.commands().stream())
                .map(SequencedCommand::command)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
