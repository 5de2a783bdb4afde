package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.verify.Fault.Spared;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Faults of one peer that cannot go on, or must not, until somebody has done something about it. */
final class DamageFaults {
    private static final Duration FAILOVER = Duration.ofSeconds(3);

    static List<Fault> all(@Nullable String nativeUnavailable) {
        return List.of(
                new Fault(
                        "heap",
                        3,
                        FAILOVER,
                        ClusterPlan::endingOutOfMemory,
                        Spared.THROUGHOUT,
                        null,
                        DamageFaults::fillHeap,
                        Faults::startAgain),
                new Fault(
                        "full-at-start",
                        3,
                        Duration.ZERO,
                        ClusterPlan::withNativeFaults,
                        Spared.THROUGHOUT,
                        nativeUnavailable,
                        DamageFaults::startOnFullDisk,
                        Faults::clearAndStart),
                new Fault(
                        "corrupt-segment",
                        3,
                        Duration.ZERO,
                        UnaryOperator.identity(),
                        Spared.UNTIL_HEALED,
                        null,
                        DamageFaults::corruptSegment,
                        DamageFaults::repair));
    }

    /** A peer that does not lead one group may lead another. */
    static void choose(Target target, Peer peer) throws InterruptedException {
        for (int group = 0; group < target.cluster.plan().groups(); group++) {
            if (target.cluster.leads(peer, group)) {
                target.leaderIsGone();
            }
        }
    }

    /** The peer has to end by itself, and not to linger as one that answers nobody. */
    private static void fillHeap(Target target) throws Exception {
        Peer peer = target.anyPeer();
        choose(target, peer);
        target.note(peer + (target.isLeaderGone() ? ", which led," : "") + " ran out of memory");
        target.clients.forget(peer);
        target.cluster.fillHeap(peer);
        target.peers.add(peer);
        int status = target.cluster.awaitEnd(peer);
        String failure = String.valueOf(peer.failure());
        if (status == 0 || !failure.contains("OutOfMemoryError")) {
            throw new IllegalStateException(
                    peer + " was out of memory, but ended with " + status + " and gave as the cause: " + failure);
        }
    }

    private static void startOnFullDisk(Target target) throws Exception {
        Peer follower = target.follower();
        choose(target, follower);
        Faults.faults(target, follower).fillDisk();
        Faults.kill(target, follower);
        target.cluster.startInVain(follower).mustTellOf("the disk of the data folder " + follower.folder());
    }

    /** Never done to two at once: two of three that are damaged are more than any cluster survives. */
    private static void corruptSegment(Target target) throws Exception {
        Peer follower = target.follower();
        choose(target, follower);
        target.clients.forget(follower);
        Path segment = target.cluster.killAndCorruptSegment(follower, target.random);
        target.peers.add(follower);
        target.cluster.startInVain(follower).mustTellOf(segment.toString());
    }

    private static void repair(Target target) throws Exception {
        Peer damaged = target.peers.get(0);
        target.peers.clear();
        for (Peer peer : target.cluster.peers()) {
            Faults.kill(target, peer);
        }
        target.cluster.repair(damaged);
        Faults.startAgain(target);
    }

    private DamageFaults() {}
}
