package dev.holdfast.node.internal.transport;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and logs what a port refused, each reason once a minute at most: whoever reaches the port could fill the log otherwise.
 * The reasons of the members' port are {@link Reason}; another port has its own. Thread-safe.
 */
public final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final class Known {
        final AtomicLong count = new AtomicLong();
        final AtomicLong logged = new AtomicLong();
        final AtomicLong loggedNanos = new AtomicLong(System.nanoTime() - AGAIN_NANOS);
    }

    private final String selfId;
    private final Map<Enum<?>, Known> byReason = new ConcurrentHashMap<>();

    /** @param selfId the peer that refuses */
    public Refusals(String selfId) {
        this.selfId = selfId;
    }

    /** @param who at which address, or which member */
    public void refused(String who, Enum<?> reason, String why) {
        if (reason == Reason.STARTING) {
            return;
        }
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
                Frame.printable(who),
                Frame.printable(why),
                reason,
                more > 0 ? ", and " + more + " like it before" : "");
    }

    private Known known(Enum<?> reason) {
        return byReason.computeIfAbsent(reason, first -> new Known());
    }

    /** How many there were for that reason. */
    public long count(Enum<?> reason) {
        return known(reason).count.get();
    }
}
