package dev.holdfast.server.serve;

import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.Member;
import dev.holdfast.server.process.Daemons;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Prints when a node is ready, and until then logs from time to time what it waits for. */
final class ReadinessReport implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadinessReport.class);
    private static final Duration PATIENCE_MIN = Duration.ofSeconds(3);
    private static final Duration PATIENCE_MAX = Duration.ofMinutes(1);

    private final HoldfastNode node;
    private final String http;
    private final StopSignal stop;

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
            System.out.println(readyLine());
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
            // What a peer waits for that has no part in its cluster yet is said by the node.
            if (!isOver() && node.waitsFor().isEmpty()) {
                LOG.info("Peer {} waits {}", node.id(), reason());
            }
        } catch (RuntimeException e) {
            // Whoever waits for the line that says "ready" must not wait for ever because of what may pass.
            LOG.warn("Peer {} could not find out whether it is ready, and tries again", node.id(), e);
            Thread.sleep(patience.toMillis());
        }
        return false;
    }

    private boolean isOver() {
        return stop.isAsked() || node.failure().toCompletableFuture().isDone();
    }

    private String reason() throws InterruptedException {
        int leaderless = 0;
        while (leaderless < node.groups() && node.leader(leaderless) != null) {
            leaderless++;
        }
        if (leaderless == node.groups()) {
            return "until it has caught up with " + node.leader() + "; it is at log index " + node.appliedIndex();
        }
        List<String> silent = node.silentMembers();
        return silent.isEmpty()
                ? "for a leader to be elected"
                : "for a majority: " + String.join(", ", silent) + " did not answer";
    }

    private String readyLine() {
        Member self = node.member();
        return "holdfast node " + self.id() + " ready: raft " + self.raftAddress() + ", clients " + self.clientAddress()
                + (http.isEmpty() ? "" : ", http " + http) + ", cluster " + node.clusterId();
    }
}
