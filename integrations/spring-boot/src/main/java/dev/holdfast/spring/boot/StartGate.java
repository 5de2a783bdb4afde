package dev.holdfast.spring.boot;

import dev.holdfast.client.errors.LockException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Has the start of the application wait until locks can be taken: before the web server, schedulers and listeners, which start in later phases,
 * and after all beans are made. It has nothing to stop: what it waits for is closed with the beans, later than any lifecycle.
 *
 * <p>See docs/adr/025-a-peer-is-closed-as-a-bean.md.
 */
final class StartGate implements SmartLifecycle {
    /** Before everything that an application may start, and after what prepares others for it. */
    static final int PHASE = Integer.MIN_VALUE + 1000;

    private static final Logger LOG = LoggerFactory.getLogger(StartGate.class);

    /** What is waited for. */
    interface Awaited {
        /** @return whether it is so; false when the time is up */
        boolean await(Duration timeout) throws InterruptedException;

        /** What is missing, in words. */
        String missing();
    }

    private final Awaited awaited;
    private final HoldfastProperties.Start settings;
    private volatile boolean running;

    StartGate(Awaited awaited, HoldfastProperties.Start settings) {
        this.awaited = awaited;
        this.settings = settings;
    }

    @Override
    public void start() {
        if (!settings.timeout().isZero() && !settings.timeout().isNegative()) {
            await();
        }
        running = true;
    }

    private void await() {
        try {
            if (awaited.await(settings.timeout())) {
                return;
            }
        } catch (LockException e) {
            goOn("No lock can be taken, since the cluster refuses this client: " + e.getMessage(), e);
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HoldfastStartException(
                    "The start was interrupted while it waited for Holdfast", "Start the application again.", e);
        }
        goOn("No lock can be taken after " + settings.timeout().toMillis() + " ms: " + awaited.missing(), null);
    }

    private void goOn(String what, @Nullable LockException cause) {
        if (settings.onTimeout() == HoldfastProperties.OnTimeout.FAIL) {
            throw new HoldfastStartException(
                    what,
                    "Make the cluster answer this client, or wait longer (holdfast.start.timeout), or go on without"
                            + " (holdfast.start.on-timeout=continue).",
                    cause);
        }
        LOG.warn("{}. The application starts without, and its health says so until that has changed", what);
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
