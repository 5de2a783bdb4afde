package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.NativeFaults;
import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.cluster.PeerNetwork;
import dev.holdfast.jepsen.verify.Fault.Spared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All faults. */
final class Faults {
    private static final Duration FAILOVER = Duration.ofSeconds(3);
    /** Beyond the longest session lease of any kind of workload. */
    private static final Duration BEYOND_LEASES = Duration.ofSeconds(9);

    private static final Duration LOSS = Duration.ofSeconds(5);
    private static final int LOSS_PERCENT = 15;
    private static final int RING = 5;
    private static final long SNAPSHOT_EVERY = 200;
    private static final long LOG_KEPT = 20;
    private static final long SLOW_SYNC_MS = 150;
    private static final long HOUR_MS = 3_600_000;

    /** Not one of all: it is for clusters over TLS. Nobody may notice it. */
    static final Fault ROTATE_CERTIFICATES = new Fault(
            "rotate-certificates",
            3,
            Duration.ZERO,
            UnaryOperator.identity(),
            Spared.THROUGHOUT,
            null,
            target -> target.cluster.rotateCertificates(),
            target -> {});

    private static final List<Fault> ALL = make();

    /** What the machine allows is found out once. */
    static List<Fault> all() {
        return ALL;
    }

    private static List<Fault> make() {
        String noNetwork = PeerNetwork.faultsUnavailableBecause();
        List<Fault> faults = new ArrayList<>(ofProcesses());
        faults.addAll(ofTheNetwork(noNetwork));
        faults.addAll(ofDiskAndClock(NativeFaults.unavailableBecause()));
        faults.addAll(DamageFaults.all(NativeFaults.unavailableBecause()));
        faults.addAll(LoadFaults.all());
        faults.addAll(MemberFaults.all(noNetwork));
        faults.add(UpgradeFault.unavailable());
        return List.copyOf(faults);
    }

    private static List<Fault> ofDiskAndClock(@Nullable String unavailable) {
        return List.of(
                nativeFault(
                        "lose-power", Duration.ZERO, Spared.NOT, unavailable, Faults::losePower, Faults::startAgain),
                KillMidSync.fault(unavailable),
                new Fault(
                        "lose-sent-snapshot",
                        3,
                        Duration.ZERO,
                        plan -> plan.withNativeFaults().snapshots(5 * SNAPSHOT_EVERY, LOG_KEPT),
                        Spared.NOT,
                        unavailable,
                        Faults::loseSentSnapshot,
                        Faults::startAgain),
                nativeFault("slow-syncs", FAILOVER, Spared.NOT, unavailable, Faults::slowSyncs, Faults::clear),
                nativeFault(
                        "fail-syncs", Duration.ZERO, Spared.NOT, unavailable, Faults::failSyncs, Faults::clearAndStart),
                nativeFault(
                        "clock-forward",
                        FAILOVER,
                        Spared.NOT,
                        unavailable,
                        target -> moveClock(target, HOUR_MS),
                        Faults::clear),
                nativeFault(
                        "clock-back",
                        FAILOVER,
                        Spared.NOT,
                        unavailable,
                        target -> moveClock(target, -HOUR_MS),
                        Faults::clear));
    }

    private static Fault nativeFault(
            String name,
            Duration lasts,
            Spared bystander,
            @Nullable String unavailable,
            Fault.Action inflict,
            Fault.Action heal) {
        return new Fault(name, 3, lasts, ClusterPlan::withNativeFaults, bystander, unavailable, inflict, heal);
    }

    /** All at once: what was acknowledged is on a majority of disks, or it was never safe. */
    private static void losePower(Target target) throws Exception {
        target.peers.addAll(target.cluster.peers());
        target.peers.forEach(target.clients::forget);
        target.cluster.losePower(target.peers, target.random);
    }

    /**
     * A follower was just sent a snapshot, and has taken none of its own yet. If what it was sent is not on its disk,
     * its log was given up for nothing.
     */
    private static void loseSentSnapshot(Target target) throws Exception {
        outliveLog(target);
        List<Peer> away = List.copyOf(target.peers);
        startFromSnapshot(target);
        away.forEach(target.clients::forget);
        target.cluster.losePower(away, target.random);
        target.peers.addAll(away);
    }

    private static void slowSyncs(Target target) throws Exception {
        Peer leader = target.leader();
        faults(target, leader).slowSyncs(SLOW_SYNC_MS);
        target.peers.add(leader);
    }

    /** The peer has to stop by itself: a disk that failed once cannot be trusted. */
    private static void failSyncs(Target target) throws Exception {
        Peer leader = target.leader();
        target.clients.forget(leader);
        faults(target, leader).failSyncs();
        target.peers.add(leader);
        target.cluster.awaitEnd(leader);
    }

    private static void moveClock(Target target, long millis) throws Exception {
        Peer leader = target.leader();
        faults(target, leader).moveClock(millis);
        target.peers.add(leader);
        long off = target.cluster.clockMillis(leader) - System.currentTimeMillis();
        if (Math.abs(off - millis) > HOUR_MS / 2) {
            throw new IllegalStateException("the clock of " + leader + " did not move");
        }
    }

    static NativeFaults faults(Target target, Peer peer) throws Exception {
        NativeFaults faults = target.cluster.faults(peer);
        if (faults.syncs() == 0) {
            throw new IllegalStateException("the preloaded library is not in effect in " + peer);
        }
        return faults;
    }

    private static void clear(Target target) throws Exception {
        for (Peer peer : target.peers) {
            target.cluster.faults(peer).clear();
        }
        target.peers.clear();
    }

    static void clearAndStart(Target target) throws Exception {
        for (Peer peer : target.peers) {
            target.cluster.faults(peer).clear();
        }
        startAgain(target);
    }

    private static List<Fault> ofProcesses() {
        return List.of(
                fault("kill-leader", FAILOVER, target -> kill(target, target.leader()), Faults::startAgain),
                fault("kill-follower", FAILOVER, target -> kill(target, target.follower()), Faults::startAgain),
                new Fault(
                        "outlive-log",
                        3,
                        Duration.ZERO,
                        plan -> plan.snapshots(SNAPSHOT_EVERY, LOG_KEPT),
                        Spared.NOT,
                        null,
                        Faults::outliveLog,
                        Faults::startFromSnapshot),
                fault("kill-all", Duration.ZERO, Faults::killAll, Faults::startAgain),
                fault("pause-leader", FAILOVER, target -> pause(target, target.leader()), Faults::resume),
                fault("pause-follower", FAILOVER, target -> pause(target, target.follower()), Faults::resume),
                fault("pause-all", FAILOVER, Faults::pauseAll, Faults::resume),
                fault("pause-client", BEYOND_LEASES, Faults::pauseClient, Faults::resumeClients),
                fault(
                        "kill-client",
                        Duration.ofSeconds(1),
                        target -> target.anyGroup().kill(),
                        target -> {}));
    }

    private static List<Fault> ofTheNetwork(@Nullable String unavailable) {
        return List.of(
                network("isolate-leader", 3, FAILOVER, unavailable, Faults::isolateLeader),
                network("cut-halves", 3, FAILOVER, unavailable, Faults::cutHalves),
                network("cut-one-way", 3, FAILOVER, unavailable, Faults::cutOneWay),
                network("ring", RING, FAILOVER, unavailable, Faults::ring),
                network(
                        "lose-packets",
                        3,
                        LOSS,
                        unavailable,
                        target -> target.cluster.network().lose(LOSS_PERCENT)));
    }

    private static Fault network(
            String name, int peersMin, Duration lasts, @Nullable String unavailable, Fault.Action inflict) {
        return new Fault(
                name,
                peersMin,
                lasts,
                ClusterPlan::inNamespaces,
                Spared.NOT,
                unavailable,
                inflict,
                Faults::healNetwork);
    }

    static void healNetwork(Target target) throws Exception {
        if (target.cluster.network().dropped() == 0) {
            throw new IllegalStateException("the network dropped nothing");
        }
        target.cluster.network().heal();
    }

    static void cutBothWays(Target target, Peer one, Peer other) throws Exception {
        target.cluster.network().cut(one.number(), other.number());
        target.cluster.network().cut(other.number(), one.number());
    }

    private static void isolateLeader(Target target) throws Exception {
        Peer leader = target.leader();
        for (Peer peer : target.cluster.peers()) {
            if (!peer.equals(leader)) {
                cutBothWays(target, leader, peer);
            }
        }
    }

    /** The leader is with the smaller half. */
    private static void cutHalves(Target target) throws Exception {
        List<Peer> peers = new ArrayList<>(target.cluster.peers());
        Collections.shuffle(peers, target.random);
        Peer leader = target.leader();
        peers.remove(leader);
        peers.add(0, leader);
        int smaller = (peers.size() - 1) / 2;
        for (Peer one : peers.subList(0, smaller)) {
            for (Peer other : peers.subList(smaller, peers.size())) {
                cutBothWays(target, one, other);
            }
        }
    }

    /** Everybody hears the leader, and the leader hears nobody. */
    private static void cutOneWay(Target target) throws Exception {
        Peer leader = target.leader();
        for (Peer peer : target.cluster.peers()) {
            if (!peer.equals(leader)) {
                target.cluster.network().cut(peer.number(), leader.number());
            }
        }
    }

    /** Each peer hears only its two neighbours, so no two agree on who is there. */
    private static void ring(Target target) throws Exception {
        List<Peer> peers = new ArrayList<>(target.cluster.peers());
        Collections.shuffle(peers, target.random);
        int size = peers.size();
        for (int i = 0; i < size; i++) {
            for (int j = i + 1; j < size; j++) {
                if (j - i != 1 && j - i != size - 1) {
                    cutBothWays(target, peers.get(i), peers.get(j));
                }
            }
        }
    }

    private static Fault fault(String name, Duration lasts, Fault.Action inflict, Fault.Action heal) {
        return new Fault(name, 3, lasts, UnaryOperator.identity(), Spared.NOT, null, inflict, heal);
    }

    static void kill(Target target, Peer peer) throws InterruptedException {
        target.clients.forget(peer);
        target.cluster.kill(peer);
        target.peers.add(peer);
    }

    private static void killAll(Target target) throws InterruptedException {
        for (Peer peer : target.cluster.peers()) {
            kill(target, peer);
        }
    }

    /** A follower is away until what it lacks is in nobody's log. */
    private static void outliveLog(Target target) throws Exception {
        kill(target, target.follower());
        target.cluster.awaitLogGone();
    }

    private static void startFromSnapshot(Target target) throws Exception {
        List<Peer> away = List.copyOf(target.peers);
        startAgain(target);
        target.cluster.awaitReady(Duration.ofMinutes(5));
        for (Peer peer : away) {
            if (target.cluster.snapshotsInstalled(peer) == 0) {
                throw new IllegalStateException(peer + " was not sent a snapshot");
            }
        }
    }

    static void startAgain(Target target) throws Exception {
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
