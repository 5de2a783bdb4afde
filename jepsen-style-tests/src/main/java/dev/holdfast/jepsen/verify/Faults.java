package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.Peer;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/** The faults that there are. */
final class Faults {
    private static final Duration FAILOVER = Duration.ofSeconds(3);
    /** Beyond the longest session lease of any kind of workload. */
    private static final Duration BEYOND_LEASES = Duration.ofSeconds(9);

    static List<Fault> all() {
        return List.of(
                fault("kill-leader", FAILOVER, target -> kill(target, target.cluster.leader()), Faults::startAgain),
                fault("kill-follower", FAILOVER, target -> kill(target, target.follower()), Faults::startAgain),
                fault("kill-all", Duration.ZERO, Faults::killAll, Faults::startAgain),
                fault("pause-leader", FAILOVER, target -> pause(target, target.cluster.leader()), Faults::resume),
                fault("pause-follower", FAILOVER, target -> pause(target, target.follower()), Faults::resume),
                fault("pause-all", FAILOVER, Faults::pauseAll, Faults::resume),
                fault("pause-client", BEYOND_LEASES, Faults::pauseClient, Faults::resumeClients),
                fault(
                        "kill-client",
                        Duration.ofSeconds(1),
                        target -> target.anyGroup().kill(),
                        target -> {}));
    }

    private static Fault fault(String name, Duration lasts, Fault.Action inflict, Fault.Action heal) {
        return new Fault(name, 3, lasts, UnaryOperator.identity(), null, inflict, heal);
    }

    private static void kill(Target target, Peer peer) throws InterruptedException {
        target.clients.forget(peer);
        target.cluster.kill(peer);
        target.peers.add(peer);
    }

    private static void killAll(Target target) throws InterruptedException {
        for (Peer peer : target.cluster.peers()) {
            kill(target, peer);
        }
    }

    private static void startAgain(Target target) throws Exception {
        for (Peer peer : target.peers) {
            target.cluster.start(peer);
        }
        target.peers.clear();
    }

    private static void pause(Target target, Peer peer) throws InterruptedException {
        target.cluster.pause(peer);
        target.peers.add(peer);
    }

    private static void pauseAll(Target target) throws InterruptedException {
        for (Peer peer : target.cluster.peers()) {
            pause(target, peer);
        }
    }

    private static void resume(Target target) throws InterruptedException {
        for (Peer peer : target.peers) {
            target.cluster.resume(peer);
        }
        target.peers.clear();
    }

    private static void pauseClient(Target target) throws Exception {
        ClientGroup group = target.anyGroup();
        group.pause();
        target.groups.add(group);
    }

    private static void resumeClients(Target target) throws Exception {
        for (ClientGroup group : target.groups) {
            group.resume();
        }
        target.groups.clear();
    }

    private Faults() {}
}
