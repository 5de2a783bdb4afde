package dev.holdfast.node.internal.membership;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * For how long members have not answered this peer. A time in which it did not ask, such as while its process stood still, hardly counts: it
 * would have heard nothing from anybody. Not thread-safe.
 */
final class Silence {
    /** What counts at most between two times that it asked. Asking takes up to two seconds. */
    private static final long STEP_NANOS_MAX = TimeUnit.SECONDS.toNanos(4);

    private final LongSupplier nanoTime;
    private final Map<PeerId, Long> silentNanos = new LinkedHashMap<>();
    private boolean hasHeard;
    private long heardNanos;

    Silence(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** All of the members were asked just now, and those have answered. */
    void heard(MemberSet members, Answers answers) {
        long now = nanoTime.getAsLong();
        long step = hasHeard ? Math.min(now - heardNanos, STEP_NANOS_MAX) : 0;
        hasHeard = true;
        heardNanos = now;
        silentNanos.keySet().removeIf(id -> answers.has(id) || !members.has(id));
        members.all()
                .map(Peer::id)
                .filter(id -> !answers.has(id))
                .forEach(id -> silentNanos.compute(id, (each, before) -> before == null ? 0 : before + step));
    }

    /** For how long that member has not answered; negative if it has, the last time. */
    long nanosOf(PeerId member) {
        return silentNanos.getOrDefault(member, -1L);
    }

    void forget() {
        silentNanos.clear();
        hasHeard = false;
    }
}
