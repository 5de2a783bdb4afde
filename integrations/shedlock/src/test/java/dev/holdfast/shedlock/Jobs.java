package dev.holdfast.shedlock;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.util.Optional;
import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;

/** What the tests lock. */
final class Jobs {
    static final Duration AT_MOST = Duration.ofMinutes(5);

    static final LockableDefinition KEYS = Holdfast.createLockable("shedlock", LockableOptions.plural());

    static HoldfastLockProvider provider(HoldfastClient client, ManualTimers timers) {
        return new HoldfastLockProvider(client.createLock(), KEYS, timers::nanoTime);
    }

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
