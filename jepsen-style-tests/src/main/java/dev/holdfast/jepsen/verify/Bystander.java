package dev.holdfast.jepsen.verify;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.HoldState;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LossReason;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockSessionLostException;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.remote.RemoteOptions;
import dev.holdfast.jepsen.cluster.Reach;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A client with a short session lease that takes no part in anything: it has one hold, bound to its session, and never asks for
 * another. Whatever happens to others, it should not lose it. Not thread-safe.
 */
final class Bystander implements AutoCloseable {
    static final Duration LEASE = Duration.ofSeconds(2);

    /** Ample time for a slow machine: what is never released cannot be had at all. */
    private static final Duration WAIT = Duration.ofMinutes(2);

    private static final Lockable THING = Holdfast.createLockable("bystander").of();

    private KeepAliveWatch watch;
    private HoldfastClient client;
    private HoldfastLock lock;
    private @Nullable LockHandle handle;
    private long sinceNanos;

    /** What a fault did to it. */
    record Seen(long silenceMs, long slowestKeepAliveMs) {}

    Bystander(KeepAliveWatch watch, HoldfastClient client) {
        this.watch = watch;
        this.client = client;
        lock = client.createLock();
    }

    /** One in this process, on a thin client. */
    static Bystander connect(String servers) {
        ClientOptions options = ClientOptions.defaults().name("bystander").sessionLease(LEASE);
        KeepAliveWatch watch =
                new KeepAliveWatch(Reach.peers(servers, RemoteOptions.named(options.name())), System::nanoTime);
        return new Bystander(watch, Holdfast.client(watch, options));
    }

    /** There is another cluster now, of which it is a new client. */
    void connectAnew(String servers) throws InterruptedException {
        close();
        Bystander other = connect(servers);
        watch = other.watch;
        client = other.client;
        lock = other.lock;
        handle = null;
        watch();
    }

    /** From now on it is watched. If it has lost its hold, it acquires another first. */
    void watch() throws InterruptedException {
        if (handle == null || handle.state() == HoldState.LOST) {
            handle = hold();
        }
        sinceNanos = System.nanoTime();
    }

    /** On a busy machine its short session may end before the answer is here, again and again, and the hold with it. */
    private LockHandle hold() throws InterruptedException {
        long deadline = System.nanoTime() + WAIT.toNanos();
        while (true) {
            try {
                return lock.hold(THING, AcquireOptions.defaults().wait(WAIT));
            } catch (LockOutcomeUnknownException | LockSessionLostException e) {
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
            }
        }
    }

    /** What it has seen since {@link #watch()}. */
    Seen seen() {
        return seen(sinceNanos);
    }

    /** What it has seen since then. */
    Seen seen(long nanos) {
        return new Seen(watch.silenceMs(nanos), watch.slowestMs(nanos));
    }

    /** What is wrong if it has lost its hold, or that has another token; {@code null} if nothing is. */
    @Nullable
    String loss() {
        LockHandle held = held();
        if (held.state() == HoldState.LOST) {
            LossReason why = held.lossSignal().toCompletableFuture().join();
            return "the bystander's hold with token " + held.token() + " was lost: " + why + ", after a silence of "
                    + seen().silenceMs + " ms under a lease of " + LEASE.toMillis() + " ms";
        }
        return falseBelief();
    }

    /** What is wrong if it believes in a hold that the cluster does not know; {@code null} if nothing is. */
    @Nullable
    String falseBelief() {
        LockHandle held = held();
        Optional<LockInfo> known;
        try {
            known = lock.withRequestTimeout(WAIT).get(THING);
        } catch (LockException e) {
            return "the bystander's hold could not be looked up: " + e.getMessage();
        }
        // Asked last: what the cluster said was true before.
        return contradiction(held.state(), held.token(), known.map(LockInfo::token));
    }

    /** What is wrong if it believes in the hold with that token, and the cluster knows of none, or of another. */
    static @Nullable String contradiction(HoldState belief, long token, Optional<Long> known) {
        if (belief != HoldState.HELD || known.equals(Optional.of(token))) {
            return null;
        }
        return "the bystander believes in its hold with token " + token + ", but the cluster says: "
                + known.map(other -> "held with token " + other).orElse("not held");
    }

    private LockHandle held() {
        LockHandle held = handle;
        if (held == null) {
            throw new IllegalStateException("the bystander has never had a hold");
        }
        return held;
    }

    @Override
    public void close() {
        client.close();
    }
}
