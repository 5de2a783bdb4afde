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
 * @param unavailable why this machine cannot do it; {@code null} if it can
 */
record Fault(
        String name,
        int peersMin,
        Duration lasts,
        UnaryOperator<ClusterPlan> needs,
        @Nullable String unavailable,
        Action inflict,
        Action heal) {

    /** Does something to a cluster or its clients. */
    interface Action {
        void on(Target target) throws Exception;
    }

    @Override
    public String toString() {
        return name;
    }
}
