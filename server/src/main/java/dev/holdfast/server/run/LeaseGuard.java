package dev.holdfast.server.run;

import dev.holdfast.client.LockHandle;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Sees to it that a command does not outlive the hold that it runs under. When a quarter of the lease is left and nothing has
 * renewed it, the command is asked to end; when a tenth is left, it is killed. If the hold is taken away, it is asked at once,
 * and killed a second later.
 */
final class LeaseGuard {
    private static final Duration ASK_AT_MOST = Duration.ofSeconds(30);
    private static final Duration KILL_AT_MOST = Duration.ofSeconds(3);
    private static final Duration AFTER_LOSS = Duration.ofSeconds(1);
    private static final long POLL_MAX_MS = 250;

    private final LockHandle handle;
    private final ProcessGroup command;
    private final Duration askAt;
    private final Duration killAt;
    private volatile boolean lost;

    /** @param lease the whole lease of the hold */
    LeaseGuard(LockHandle handle, ProcessGroup command, Duration lease) {
        this.handle = handle;
        this.command = command;
        this.askAt = shorter(lease.dividedBy(4), ASK_AT_MOST);
        this.killAt = shorter(lease.dividedBy(10), KILL_AT_MOST);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    void start() {
        Thread thread = new Thread(this::watch, "lease-guard");
        thread.setDaemon(true);
        thread.start();
    }

    /** Whether the command was told to end for the sake of the lease. */
    boolean isLost() {
        return lost;
    }

    private void watch() {
        try {
            long leftMs = awaitDanger();
            if (!command.isAlive()) {
                return;
            }
            lost = true;
            System.err.println("holdfast: the hold of '" + handle.lockable().key() + "' "
                    + (leftMs > 0 ? "ends in " + leftMs + " ms and was not renewed" : "is lost")
                    + ": the command is stopped");
            command.signal("TERM");
            awaitEnd(leftMs > 0 ? leftMs - killAt.toMillis() : AFTER_LOSS.toMillis());
            command.signal("KILL");
        } catch (InterruptedException e) {
            command.signal("KILL");
        }
    }

    /** Returns how much of the lease is left when the command has to go; 0 if the hold is gone. */
    private long awaitDanger() throws InterruptedException {
        while (command.isAlive()) {
            Optional<Duration> left = handle.leaseLeft();
            if (left.isEmpty()) {
                Thread.sleep(POLL_MAX_MS);
                continue;
            }
            long spareMs = left.get().minus(askAt).toMillis();
            if (spareMs <= 0) {
                return left.get().toMillis();
            }
            Thread.sleep(Math.min(spareMs, POLL_MAX_MS));
        }
        return 0;
    }

    private void awaitEnd(long forMs) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.max(0, forMs));
        while (command.isAlive() && System.nanoTime() - until < 0) {
            Thread.sleep(10);
        }
    }
}
