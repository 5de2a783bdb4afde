package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.ClusterPlan;
import dev.holdfast.jepsen.cluster.Peer;
import dev.holdfast.jepsen.cluster.Release;
import dev.holdfast.jepsen.verify.Fault.Spared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A cluster of an older release becomes one of the present build, one member after the other. */
final class UpgradeFault {
    static final String NAME = "rolling-upgrade";

    private static final int GRANTS_WHILE_MIXED = 20;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** That the fault is there, and what it takes. */
    static Fault unavailable() {
        return fault(UnaryOperator.identity(), "needs --old-lib, with the jars of an older release");
    }

    /** The fault, of clusters that begin with that release. */
    static Fault from(Release older) {
        return fault(plan -> plan.of(older), null);
    }

    private static Fault fault(UnaryOperator<ClusterPlan> needs, @Nullable String unavailable) {
        return new Fault(
                NAME, 3, Duration.ZERO, needs, Spared.NOT, unavailable, UpgradeFault::upgradeEach, target -> {});
    }

    /**
     * Puts it before all others: they are for the present build, and there is no way back once the cluster has switched to what only the
     * newer release knows.
     */
    static void putFirst(List<Fault> faults) {
        for (int i = 0; i < faults.size(); i++) {
            if (faults.get(i).name().equals(NAME)) {
                Collections.swap(faults, 0, i);
            }
        }
    }

    /** One of them is taken back in between, as somebody would who does not trust the newer release yet. */
    private static void upgradeEach(Target target) throws Exception {
        Release older = target.cluster.plan().release();
        List<Peer> order = new ArrayList<>(target.cluster.peers());
        Collections.shuffle(order, target.random);
        Peer doubtful = order.get(target.random.nextInt(order.size() - 1));
        for (Peer peer : order) {
            change(target, peer, Release.present());
            if (peer.equals(doubtful)) {
                change(target, peer, older);
                change(target, peer, Release.present());
            }
        }
        target.note("in the order " + order + "; " + doubtful + " was taken back once");
    }

    private static void change(Target target, Peer peer, Release release) throws Exception {
        target.clients.forget(peer);
        target.cluster.change(peer, release);
        target.cluster.awaitReady();
        target.clients.revive();
        target.clients.awaitGrants(GRANTS_WHILE_MIXED, PATIENCE);
    }

    private UpgradeFault() {}
}
