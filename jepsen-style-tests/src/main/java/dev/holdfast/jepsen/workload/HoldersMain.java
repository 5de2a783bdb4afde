package dev.holdfast.jepsen.workload;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.AcquireResult;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.Lockable;
import dev.holdfast.jepsen.cluster.Reach;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A process with very many holds. It takes those that its session keeps, and then those with a TTL, all of which end at the same
 * moment. It says {@code HOLDING} when it has all, and closes its client when its standard input ends.
 *
 * <p>Arguments: servers, number of holds of the session, number of holds with a TTL.
 */
public final class HoldersMain {
    /** What the keys of the holds of the session begin with. */
    public static final String SESSION_KEYS = "crowd-session";

    /** What the keys of the holds with a TTL begin with. */
    public static final String TTL_KEYS = "crowd-ttl";

    public static final String HOLDING = "HOLDING";

    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(2);

    /** As many as fit into one log entry: few enough that none of them waits for long. */
    private static final int UNDER_WAY_MAX = 1000;

    private static final Duration LEAST_TTL = Duration.ofSeconds(1);

    private final HoldfastLock lock;
    private final Semaphore room = new Semaphore(UNDER_WAY_MAX);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private HoldersMain(HoldfastLock lock) {
        this.lock = lock;
    }

    /** Holds until its standard input ends. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int ofSession = Integer.parseInt(args[1]);
        int withTtl = Integer.parseInt(args[2]);
        ClientOptions options = ClientOptions.defaults().name("crowd").requestTimeout(REQUEST_TIMEOUT);
        try (HoldfastClient client = Reach.connect(args[0], options)) {
            HoldersMain holders = new HoldersMain(client.createLock());
            long began = System.nanoTime();
            holders.take(SESSION_KEYS, ofSession, AcquireOptions::defaults);
            // As many take about as long.
            long end = System.nanoTime() + 2 * (System.nanoTime() - began) + LEAST_TTL.toNanos();
            holders.take(
                    TTL_KEYS,
                    withTtl,
                    () -> AcquireOptions.defaults().ttl(Duration.ofNanos(Math.max(1, end - System.nanoTime()))));
            System.out.println(HOLDING);
            while (System.in.read() != -1) {
                // Only the end matters.
            }
        }
    }

    static Lockable thing(String keys, int number) {
        return Holdfast.createLockable(keys + "-" + number).of();
    }

    private void take(String keys, int number, Supplier<AcquireOptions> options) throws InterruptedException {
        for (int i = 0; i < number; i++) {
            room.acquire();
            Lockable lockable = thing(keys, i);
            CompletableFuture<AcquireResult> acquired =
                    lock.acquireAsync(lockable, options.get()).toCompletableFuture();
            var unused = acquired.thenAccept(AcquireResult::orThrow).whenComplete((done, failed) -> {
                if (failed != null) {
                    failure.compareAndSet(null, failed);
                }
                room.release();
            });
        }
        room.acquire(UNDER_WAY_MAX);
        room.release(UNDER_WAY_MAX);
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("the crowd could not take all its holds", failed);
        }
    }
}
