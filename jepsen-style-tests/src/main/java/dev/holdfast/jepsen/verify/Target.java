package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.cluster.RealCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What a fault acts on. */
final class Target {
    final RealCluster cluster;
    final Clients clients;
    final Bystander bystander;
    final Crowd crowd;
    final Random random;

    /** The peers that a fault was inflicted on, so that it can be healed. */
    final List<Peer> peers = new ArrayList<>();

    /** The clients that a fault was inflicted on. */
    final List<ClientGroup> groups = new ArrayList<>();

    private String note = "";
    private boolean leaderGone;

    Target(RealCluster cluster, Clients clients, Bystander bystander, Crowd crowd, Random random) {
        this.cluster = cluster;
        this.clients = clients;
        this.bystander = bystander;
        this.crowd = crowd;
        this.random = random;
    }

    /** Leaves something for the report on the fault. */
    void note(String what) {
        note = what;
    }

    /** What this fault left for the report; empty if nothing. */
    String note() {
        return note;
    }

    /** The fault takes a leader away, so that nobody answers keep-alives until there is another. */
    void leaderIsGone() {
        leaderGone = true;
    }

    /** Whether this fault took a leader away, though others of its name may not. */
    boolean isLeaderGone() {
        return leaderGone;
    }

    /** The next fault is about to begin. */
    void begin() {
        note = "";
        leaderGone = false;
    }

    /** The peer that leads one of the groups. */
    Peer leader() throws IOException, InterruptedException {
        return cluster.leader(random.nextInt(cluster.plan().groups()));
    }

    /** A peer that does not lead one of the groups. */
    Peer follower() throws IOException, InterruptedException {
        Peer leader = leader();
        return anyOf(cluster.peers().stream()
                .filter(peer -> peer.isUp() && !peer.equals(leader))
                .toList());
    }

    /** Leading or not. */
    Peer anyPeer() {
        return anyOf(cluster.peers());
    }

    ClientGroup anyGroup() {
        return anyOf(clients.groups());
    }

    private <T> T anyOf(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
