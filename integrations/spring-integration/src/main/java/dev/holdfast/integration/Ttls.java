package dev.holdfast.integration;

import dev.holdfast.client.LockHandle;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;

/** The TTL that each hold was acquired with, as long as there is a handle of it; none for those that need no renewal. */
final class Ttls {
    private static final Map<LockHandle, Duration> OF = Collections.synchronizedMap(new WeakHashMap<>());

    static void remember(LockHandle handle, Duration ttl) {
        OF.put(handle, ttl);
    }

    static Optional<Duration> of(LockHandle handle) {
        return Optional.ofNullable(OF.get(handle));
    }

    private Ttls() {}
}
