package dev.holdfast.server.run;

import dev.holdfast.client.LockHandle;
import dev.holdfast.server.process.Daemons;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Ensures that a command does not outlive the hold that it runs under. If a quarter of the lease is left and it was not renewed,
 * asks the command to end; if a tenth is left, kills it. If the hold is taken away, asks at once, and kills a second later.
 */
final class LeaseGuard {
    private static final Duration ASK_AT_MOST = Duration.ofSeconds(30);
    private static final Duration KILL_AT_MOST = Duration.ofSeconds(3);
    private static final Duration AFTER_LOSS = Duration.ofSeconds(1);
    private static final long POLL_MAX_MS = 250;

    private final LockHandle handle;
    private final ProcessGroup command;
    private final Consumer<String> complain;
    private final Duration askAt;
    private final Duration killAt;
    private volatile boolean lost;

    /**
     * @param lease the whole lease of the hold
     * @param complain gets a line for people when the command has to go
     */
    LeaseGuard(LockHandle handle, ProcessGroup command, Duration lease, Consumer<String> complain) {
        this.handle = handle;
        this.command = command;
        this.complain = complain;
        this.askAt = shorter(lease.dividedBy(4), ASK_AT_MOST);
        this.killAt = shorter(lease.dividedBy(10), KILL_AT_MOST);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    void start() {
        Daemons.start("lease-guard", this::watch);
    }

    /** How long before the end of the lease the command is killed. */
    Duration reserve() {
        return killAt;
    }

    /** Whether the command was stopped because the hold was lost or about to be. */
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
            complain.accept("the hold of '" + handle.lockable().key() + "' "
                    + (leftMs > 0 ? "ends in " + leftMs + " ms and was not renewed" : "is lost")
                    + "; stopping the command");
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
