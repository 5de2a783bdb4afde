package dev.holdfast.node;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Peers that should be members of this cluster but belong to another: what to log about them, and how often. */
final class Strangers {
    private static final Logger LOG = LoggerFactory.getLogger(Strangers.class);
    private static final long LOGGED_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String selfId;
    private final AtomicLong loggedNanos = new AtomicLong(System.nanoTime() - LOGGED_AGAIN_NANOS);

    Strangers(String selfId) {
        this.selfId = selfId;
    }

    /**
     * What is wrong.
     *
     * @param own the cluster's id, or what stands for the list of this peer
     * @param other the same of the other
     * @param otherFormed whether the other cluster has ever had a leader
     */
    static String describe(UUID own, UUID other, boolean otherFormed) {
        return "a peer that should be of this cluster, " + own + ", is of cluster " + other
                + (otherFormed ? ", which is at work" : "")
                + ": they were started with different names, lists of initial members, or numbers of groups. Start all of"
                + " them with the same. A new member of a cluster that is there is started with 'holdfast.join'";
    }

    /** Logs it, unless something like it was logged within the last minute: members greet each other all the time. */
    void log(String description) {
        long last = loggedNanos.get();
        long now = System.nanoTime();
        if (now - last >= LOGGED_AGAIN_NANOS && loggedNanos.compareAndSet(last, now)) {
            LOG.error("Peer {}: {}", selfId, description);
        }
    }
}
