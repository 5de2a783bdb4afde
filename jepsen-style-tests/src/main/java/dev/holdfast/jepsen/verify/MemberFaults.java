package dev.holdfast.jepsen.verify;

import dev.holdfast.client.remote.MemberChange.Action;
import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.verify.Fault.Spared;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Members that lose their disks, are replaced, come and go, move, or are restarted one after the other. */
final class MemberFaults {
    private static final Duration FAILOVER = Duration.ofSeconds(3);

    /** A change of the members takes less, unless the machine is busy: then the leader dies before it has begun. */
    private static final int CHANGE_MS_MAX = 300;

    /** @param noNetwork why this machine cannot cut a network; {@code null} if it can */
    static List<Fault> all(@Nullable String noNetwork) {
        return List.of(
                fault("wipe-disk", FAILOVER, Spared.THROUGHOUT, MemberFaults::wipeDisk, MemberFaults::replaceWiped),
                fault(
                        "replace-member",
                        Duration.ZERO,
                        Spared.NOT,
                        MemberFaults::replaceWhileTheLeaderDies,
                        MemberFaults::replaceForGood),
                fault(
                        "add-remove",
                        Duration.ZERO,
                        Spared.NOT,
                        MemberFaults::addWhileTheLeaderDies,
                        MemberFaults::removeAnother),
                fault("move-address", FAILOVER, Spared.NOT, MemberFaults::stopAny, MemberFaults::startElsewhere),
                new Fault(
                        "move-partitioned",
                        3,
                        FAILOVER,
                        ClusterPlan::inNamespaces,
                        Spared.NOT,
                        noNetwork,
                        MemberFaults::moveBehindACut,
                        MemberFaults::endTheCut),
                RestoreFault.fault(),
                fault("rolling-restart", Duration.ZERO, Spared.NOT, MemberFaults::restartEach, target -> {}));
    }

    private static Fault fault(String name, Duration lasts, Spared bystander, Fault.Action inflict, Fault.Action heal) {
        return new Fault(name, 3, lasts, UnaryOperator.identity(), bystander, null, inflict, heal);
    }

    /** What it acknowledged is gone, its votes too. */
    private static void wipeDisk(Target target) throws Exception {
        Peer peer = target.anyPeer();
        DamageFaults.choose(target, peer);
        target.note(peer + (target.isLeaderGone() ? ", which led," : "") + " lost its disk");
        Faults.kill(target, peer);
        target.cluster.loseFolder(peer);
    }

    private static void replaceWiped(Target target) throws Exception {
        Peer peer = target.peers.get(0);
        target.cluster.start(peer);
        target.cluster.change(Action.REPLACE, peer);
        target.peers.clear();
        target.cluster.awaitReady();
    }

    /** Whether the change was made, begun, or never heard of is not known to anybody. */
    private static void replaceWhileTheLeaderDies(Target target) throws Exception {
        Peer peer = target.follower();
        target.clients.forget(peer);
        target.cluster.kill(peer);
        target.cluster.setAside(peer);
        target.cluster.start(peer);
        Peer leader = target.leader();
        target.cluster.beginToChange(Action.REPLACE, peer);
        Thread.sleep(target.random.nextInt(CHANGE_MS_MAX));
        Faults.kill(target, leader);
        target.note(leader + " was killed while " + peer + " was being replaced");
        target.peers.add(0, peer);
    }

    /** What has been lost turns up again, and is of no use any more. */
    private static void replaceForGood(Target target) throws Exception {
        Peer peer = target.peers.remove(0);
        Faults.startAgain(target);
        target.cluster.change(Action.REPLACE, peer);
        target.cluster.awaitReady();
        target.cluster.kill(peer);
        target.cluster.swapWithSetAside(peer);
        target.cluster.start(peer);
        target.cluster.awaitEnd(peer);
        mustBeRemoved(peer);
        target.cluster.swapWithSetAside(peer);
        target.cluster.start(peer);
        target.cluster.awaitReady();
    }

    private static void addWhileTheLeaderDies(Target target) throws Exception {
        Peer leader = target.leader();
        Peer newcomer = target.cluster.startNewcomer();
        target.cluster.beginToChange(Action.ADD, newcomer);
        Thread.sleep(target.random.nextInt(CHANGE_MS_MAX));
        Faults.kill(target, leader);
        target.peers.add(0, newcomer);
    }

    /** It may lead, and is told to hand over then. It ends by itself, and is of no use any more. */
    private static void removeAnother(Target target) throws Exception {
        Peer newcomer = target.peers.remove(0);
        Peer killed = target.peers.get(0);
        Faults.startAgain(target);
        target.cluster.change(Action.ADD, newcomer);
        target.cluster.awaitReady();
        Peer removed = target.anyPeer();
        target.note(killed + " was killed while " + newcomer + " was being added; then " + removed + " was removed");
        target.clients.forget(removed);
        target.cluster.change(Action.REMOVE, removed);
        target.cluster.awaitEnd(removed);
        mustBeRemoved(removed);
        target.cluster.exchanged(newcomer, removed);
        target.cluster.awaitReady();
    }

    private static void mustBeRemoved(Peer peer) {
        String failure = String.valueOf(peer.failure());
        if (!failure.contains("MemberRemovedException")) {
            throw new IllegalStateException(peer + " is no member any more, and ended with: " + failure);
        }
    }

    private static void stopAny(Target target) throws Exception {
        Peer peer = target.anyPeer();
        target.clients.forget(peer);
        target.cluster.stop(peer);
        target.peers.add(peer);
    }

    /** The others only have the old address in their lists, and so have the clients that are at work. */
    private static void startElsewhere(Target target) throws Exception {
        Peer before = target.peers.remove(0);
        Peer moved = target.cluster.move(before);
        target.note(before + " moved from " + before.member() + " to " + moved.member());
        target.cluster.start(moved);
        target.cluster.awaitReady();
        startOthersAgain(target, moved);
    }

    /** Whoever leads cannot hear where the member is, nor the member who leads. The others can hear both. */
    private static void moveBehindACut(Target target) throws Exception {
        Peer leader = target.leader();
        List<Peer> others = target.cluster.peers().stream()
                .filter(peer -> !peer.equals(leader))
                .toList();
        Peer before = others.get(target.random.nextInt(others.size()));
        target.clients.forget(before);
        target.cluster.stop(before);
        Peer moved = target.cluster.move(before);
        Faults.cutBothWays(target, leader, moved);
        target.note(before + " moved from " + before.member() + " to " + moved.member() + ", where it was cut off from "
                + leader + ", which led");
        target.cluster.start(moved);
        target.peers.add(moved);
    }

    private static void endTheCut(Target target) throws Exception {
        Faults.healNetwork(target);
        target.cluster.awaitReady();
        startOthersAgain(target, target.peers.remove(0));
    }

    /** They only have the old address in their lists, and have to find it even if each of them begins anew. */
    private static void startOthersAgain(Target target, Peer moved) throws Exception {
        for (Peer other : target.cluster.peers()) {
            if (!other.equals(moved)) {
                target.clients.forget(other);
                target.cluster.stop(other);
                target.cluster.start(other);
                target.cluster.awaitReady();
            }
        }
    }

    /** The leader is never away for long, but JVMs that start keep the processors from it, on a small machine for seconds. */
    private static void restartEach(Target target) throws Exception {
        for (Peer peer : target.cluster.peers()) {
            target.clients.forget(peer);
            target.cluster.stop(peer);
            target.cluster.start(peer);
            target.cluster.awaitReady();
        }
    }

    private MemberFaults() {}
}
