package dev.holdfast.node.internal.transport;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what was refused, each reason once a minute at most: whoever reaches a port could fill the log otherwise. */
public final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final class Known {
        final AtomicLong count = new AtomicLong();
        final AtomicLong logged = new AtomicLong();
        final AtomicLong loggedNanos = new AtomicLong(System.nanoTime() - AGAIN_NANOS);
    }

    private final String selfId;
    private final Map<Reason, Known> byReason = new EnumMap<>(Reason.class);

    /** @param selfId the peer that refuses */
    public Refusals(String selfId) {
        this.selfId = selfId;
        for (Reason reason : Reason.values()) {
            byReason.put(reason, new Known());
        }
    }

    /** @param who at which address, or which member */
    public void refused(String who, Reason reason, String why) {
        Known known = known(reason);
        long count = known.count.incrementAndGet();
        long last = known.loggedNanos.get();
        long now = System.nanoTime();
        if (now - last < AGAIN_NANOS || !known.loggedNanos.compareAndSet(last, now)) {
            return;
        }
        long more = count - known.logged.getAndSet(count) - 1;
        LOG.warn(
                "Peer {} refused what came from {}: {} ({}{})",
                selfId,
                who,
                why,
                reason,
                more > 0 ? ", and " + more + " like it before" : "");
    }

    private Known known(Reason reason) {
        return Objects.requireNonNull(byReason.get(reason));
    }

    /** How many there were. */
    public long count(Reason reason) {
        return known(reason).count.get();
    }
}
