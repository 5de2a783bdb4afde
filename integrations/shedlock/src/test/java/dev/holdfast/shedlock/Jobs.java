package dev.holdfast.shedlock;

import java.time.Duration;
import java.util.Optional;
import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;

/** What the tests lock. */
final class Jobs {
    static final Duration AT_MOST = Duration.ofMinutes(5);

    static LockConfiguration job(String name) {
        return job(name, AT_MOST, Duration.ZERO);
    }

    static LockConfiguration job(String name, Duration atMost, Duration atLeast) {
        return new LockConfiguration(ClockProvider.now(), name, atMost, atLeast);
    }

    static boolean isFree(LockProvider provider, String name) {
        Optional<SimpleLock> lock = provider.lock(job(name));
        lock.ifPresent(SimpleLock::unlock);
        return lock.isPresent();
    }

    private Jobs() {}
}
