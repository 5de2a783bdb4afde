package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.cluster.ClusterPlan;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong for a while.
 *
 * @param name as on the command line
 * @param peersMin the smallest cluster that it makes sense for
 * @param lasts for how long, at least
 * @param needs what the cluster has to be started with
 * @param bystander how long a bystander's hold has to survive it
 * @param unavailable why this machine cannot do it; {@code null} if it can
 */
record Fault(
        String name,
        int peersMin,
        Duration lasts,
        UnaryOperator<ClusterPlan> needs,
        Spared bystander,
        @Nullable String unavailable,
        Action inflict,
        Action heal) {

    /**
     * How long a client that takes no part keeps its session, although its lease is as short as {@link Bystander#LEASE}. That
     * much is owed while there is a majority, and a leader that is never away for long.
     */
    enum Spared {
        /** Until the cluster has recovered. */
        THROUGHOUT,
        /** Until the fault is healed, which takes the whole cluster down. */
        UNTIL_HEALED,
        /** Not at all: the leader or a majority is away for longer than the lease may be left alone. */
        NOT
    }

    /** Does something to a cluster or its clients. */
    interface Action {
        void on(Target target) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }
}
