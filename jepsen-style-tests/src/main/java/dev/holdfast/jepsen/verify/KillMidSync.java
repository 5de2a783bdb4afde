package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.verify.Fault.Spared;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All peers are killed while they sync their logs, start again, and lose power when they have gone on for a while. What a peer finds
 * in its log when it starts is in the memory of its machine, and need not be on its disk: whoever counts it towards a majority
 * has to sync it first.
 */
final class KillMidSync {
    private static final int GRANTS_IN_BETWEEN = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    static Fault fault(@Nullable String unavailable) {
        return new Fault(
                "kill-mid-sync",
                3,
                Duration.ZERO,
                ClusterPlan::withNativeFaults,
                Spared.NOT,
                unavailable,
                KillMidSync::inflict,
                Faults::startAgain);
    }

    private static void inflict(Target target) throws Exception {
        List<Peer> peers = target.cluster.peers();
        for (Peer peer : peers) {
            Faults.faults(target, peer).hangLogSyncs();
        }
        target.cluster.awaitUnsynced(peers);
        for (Peer peer : peers) {
            Faults.kill(target, peer);
        }
        Faults.clearAndStart(target);
        target.clients.revive();
        target.clients.awaitGrants(GRANTS_IN_BETWEEN, PATIENCE);
        peers.forEach(target.clients::forget);
        target.cluster.losePower(peers, target.random);
        target.peers.addAll(peers);
    }

    private KillMidSync() {}
}
