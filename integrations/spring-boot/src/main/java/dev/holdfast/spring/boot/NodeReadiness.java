package dev.holdfast.spring.boot;

import dev.holdfast.node.HoldfastNode;
import java.time.Duration;

/** Waits until the embedded peer serves its callers, and its health says so too, which may be a second later. */
final class NodeReadiness implements StartGate.Awaited {
    private static final long PAUSE_MS = 20;

    private final HoldfastNode node;

    NodeReadiness(HoldfastNode node) {
        this.node = node;
    }

    @Override
    public boolean await(Duration timeout) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        if (!node.awaitReady(timeout)) {
            return false;
        }
        while (!node.health().ready()) {
            if (deadlineNanos - System.nanoTime() <= 0 || !node.health().live()) {
                return false;
            }
            Thread.sleep(PAUSE_MS);
        }
        return true;
    }

    @Override
    public String missing() {
        return String.join("; ", node.health().problems());
    }
}
