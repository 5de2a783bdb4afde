package dev.holdfast.server.serve;

import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.Member;
import dev.holdfast.server.process.Daemons;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prints when a node is ready, and until then logs from time to time what it waits for. A service manager hears the same.
 *
 * <p>To the service manager a start is over, too, if the node can do no more for it by itself: it waits for others, which may be started
 * after this one has been, or to be let in. A node that is behind its leader goes on starting until it has caught up, so that whoever
 * restarts one member after the other does not go on to the next before.
 */
final class ReadinessReport implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadinessReport.class);
    private static final Duration PATIENCE_MIN = Duration.ofSeconds(3);
    private static final Duration PATIENCE_MAX = Duration.ofMinutes(1);
    /** In a cluster that works, a node hears of the leader long before. */
    private static final Duration ALONE_MAX = Duration.ofSeconds(15);

    private final HoldfastNode node;
    private final String http;
    private final StopSignal stop;
    private final ServiceManager serviceManager = ServiceManager.of(System.getenv());

    /** Since when this peer has been waiting for others. */
    private long alone = System.nanoTime();

    private ReadinessReport(HoldfastNode node, String http, StopSignal stop) {
        this.node = node;
        this.http = http;
        this.stop = stop;
    }

    /** @param http where the node serves HTTP; empty if it does not */
    static void start(HoldfastNode node, String http, StopSignal stop) {
        Daemons.start("readiness", new ReadinessReport(node, http, stop));
    }

    @Override
    public void run() {
        try {
            Duration patience = PATIENCE_MIN;
            while (!isReady(patience)) {
                if (isOver()) {
                    return;
                }
                patience =
                        patience.multipliedBy(2).compareTo(PATIENCE_MAX) < 0 ? patience.multipliedBy(2) : PATIENCE_MAX;
            }
            String ready = readyLine();
            System.out.println(ready);
            // Until it hears of it, it takes this start for one that goes on, for ever.
            while (!serviceManager.started(ready) && !isOver()) {
                Thread.sleep(PATIENCE_MAX.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it is within that time. If not, logs what it waits for. */
    private boolean isReady(Duration patience) throws InterruptedException {
        try {
            if (node.awaitReady(patience)) {
                return true;
            }
            if (!isOver()) {
                reportWaiting();
            }
        } catch (RuntimeException e) {
            // Whoever waits for the line that says "ready" must not wait for ever because of what may pass.
            LOG.warn("Peer {} could not find out whether it is ready, and tries again", node.id(), e);
            Thread.sleep(patience.toMillis());
        }
        return false;
    }

    private void reportWaiting() throws InterruptedException {
        String outside = node.waitsFor();
        String status;
        // What a peer waits for that has no part in its cluster yet is logged by the node.
        if (outside.isEmpty()) {
            String reason = reason();
            LOG.info("Peer {} waits {}", node.id(), reason);
            status = "peer " + node.id() + " waits " + reason;
        } else {
            status = "peer " + node.id() + ": " + outside;
        }
        boolean needsOthers = !outside.isEmpty() || firstLeaderless() < node.groups();
        if (!needsOthers) {
            alone = System.nanoTime();
        }
        if (System.nanoTime() - alone > ALONE_MAX.toNanos()) {
            var unused = serviceManager.started(status);
        } else {
            serviceManager.status(status);
        }
    }

    private boolean isOver() {
        return stop.isAsked() || node.failure().toCompletableFuture().isDone();
    }

    private String reason() throws InterruptedException {
        if (firstLeaderless() == node.groups()) {
            return "until it has caught up with " + node.leader() + "; it is at log index " + node.appliedIndex();
        }
        List<String> silent = node.silentMembers();
        return silent.isEmpty()
                ? "for a leader to be elected"
                : "for a majority: " + String.join(", ", silent) + " did not answer";
    }

    /** The number of the groups if this peer knows a leader of each. */
    private int firstLeaderless() {
        int group = 0;
        while (group < node.groups() && node.leader(group) != null) {
            group++;
        }
        return group;
    }

    private String readyLine() {
        Member self = node.member();
        return "holdfast node " + self.id() + " ready: raft " + self.raftAddress() + ", clients " + self.clientAddress()
                + (http.isEmpty() ? "" : ", http " + http) + ", cluster " + node.clusterId();
    }
}
