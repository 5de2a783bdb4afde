package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.workload.Kind;
import java.util.List;

/**
 * One trial.
 *
 * @param kind what the callers do
 * @param peers how many the cluster has
 * @param groups over how many Raft groups its locks are spread
 * @param faults in the order in which they are inflicted
 * @param grantsBetween how many grants there have to be before the first fault, and after each
 * @param seed decides what is done, though not when
 * @param tls whether members and clients talk over TLS, and prove by certificates who they are
 */
record TrialPlan(Kind kind, int peers, int groups, List<Fault> faults, int grantsBetween, long seed, boolean tls) {
    /** One without TLS. */
    TrialPlan(Kind kind, int peers, int groups, List<Fault> faults, int grantsBetween, long seed) {
        this(kind, peers, groups, faults, grantsBetween, seed, false);
    }

    TrialPlan {
        faults = List.copyOf(faults);
    }
}
