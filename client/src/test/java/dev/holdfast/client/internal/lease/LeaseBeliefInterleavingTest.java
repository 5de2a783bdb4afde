package dev.holdfast.client.internal.lease;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.support.Interleavings;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Users' threads ask about a lease while the client confirms it and gives it up; threads may be late with the time. */
@Tag("long")
class LeaseBeliefInterleavingTest {
    private static final long FIRST_DEADLINE = 4;

    @Test
    void a_lease_that_anyone_saw_lost_stays_lost() {
        Interleavings.checkLinearizable(Belief.class, Specification.class);
    }

    @Test
    void a_belief_that_checks_and_then_sets_is_rejected() {
        Interleavings.assertNotLinearizable(CheckThenSet.class, Specification.class);
    }

    @Param(name = "now", gen = IntGen.class, conf = "1:6")
    @Param(name = "deadline", gen = IntGen.class, conf = "5:8")
    public static class Belief {
        private final LeaseBelief belief = new LeaseBelief(FIRST_DEADLINE, FIRST_DEADLINE);

        @Operation(
                nonParallelGroup = "client",
                params = {"now", "deadline"})
        public boolean confirm(int now, int deadline) {
            return belief.confirm(now, deadline, deadline);
        }

        @Operation(nonParallelGroup = "client")
        public void expire() {
            belief.expire();
        }

        @Operation
        public boolean isLost(@Param(name = "now") int now) {
            return belief.state(now) == HoldState.LOST;
        }

        @Operation
        public long left(@Param(name = "now") int now) {
            return belief.leftNanos(now);
        }
    }

    /** What a lease is, for one thread. */
    public static class Specification {
        private long deadline = FIRST_DEADLINE;
        private boolean lost;

        public boolean confirm(int now, int newDeadline) {
            if (isLost(now)) {
                return false;
            }
            deadline = Math.max(deadline, newDeadline);
            return true;
        }

        public void expire() {
            lost = true;
        }

        public boolean isLost(int now) {
            lost |= now >= deadline;
            return lost;
        }

        public long left(int now) {
            return isLost(now) ? 0 : deadline - now;
        }
    }

    /** The belief as one would write it first. */
    @Param(name = "now", gen = IntGen.class, conf = "1:6")
    @Param(name = "deadline", gen = IntGen.class, conf = "5:8")
    public static class CheckThenSet {
        private volatile long deadline = FIRST_DEADLINE;
        private volatile boolean lost;

        @Operation(
                nonParallelGroup = "client",
                params = {"now", "deadline"})
        public boolean confirm(int now, int newDeadline) {
            if (isLost(now)) {
                return false;
            }
            deadline = Math.max(deadline, newDeadline);
            return true;
        }

        @Operation(nonParallelGroup = "client")
        public void expire() {
            lost = true;
        }

        @Operation
        public boolean isLost(@Param(name = "now") int now) {
            if (now >= deadline) {
                lost = true;
            }
            return lost;
        }

        @Operation
        public long left(@Param(name = "now") int now) {
            return isLost(now) ? 0 : deadline - now;
        }
    }
}
