package dev.holdfast.client.internal.lease;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.support.EveryOrder;
import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.support.LincheckTest;
import dev.holdfast.client.support.Race;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** Users' threads ask about a lease while the client confirms it and gives it up; threads may be late with the time. */
class LeaseBeliefInterleavingTest {
    private static final long FIRST_DEADLINE = 4;

    @LincheckTest
    void a_lease_that_anyone_saw_lost_stays_lost() {
        Interleavings.checkLinearizable(Belief.class, Specification.class);
    }

    @LincheckTest
    void a_belief_that_checks_and_then_sets_is_rejected() {
        Interleavings.assertNotLinearizable(CheckThenSet.class, Specification.class);
    }

    @Test
    void in_every_order_of_the_steps_a_lease_that_was_seen_lost_is_not_confirmed() {
        EveryOrder.holds(race -> confirmWhileItEnds(race, new Belief()));
        EveryOrder.breaks(race -> confirmWhileItEnds(race, new CheckThenSet(race)));
    }

    /** One thread confirms in time, by its own clock; the other, whose clock is ahead, sees the deadline pass. */
    private static void confirmWhileItEnds(Race race, Lease lease) {
        boolean[] confirmed = {false};
        boolean[] seenLost = {false};
        race.together(
                () -> confirmed[0] = lease.confirm(3, 6), //
                () -> seenLost[0] = lease.isLost(5));
        require(confirmed[0] != seenLost[0], "confirmed: " + confirmed[0] + ", seen lost: " + seenLost[0]);
        require(lease.isLost(5) == seenLost[0], "lost at first, and then not: " + seenLost[0]);
    }

    /** What the scenario needs of a belief. */
    private interface Lease {
        boolean confirm(int now, int deadline);

        boolean isLost(int now);
    }

    @Param(name = "now", gen = IntGen.class, conf = "1:6")
    @Param(name = "deadline", gen = IntGen.class, conf = "5:8")
    public static class Belief implements Lease {
        private final LeaseBelief belief = new LeaseBelief(FIRST_DEADLINE, FIRST_DEADLINE);

        @Operation(
                nonParallelGroup = "client",
                params = {"now", "deadline"})
        @Override
        public boolean confirm(int now, int deadline) {
            return belief.confirm(now, deadline, deadline);
        }

        @Operation(nonParallelGroup = "client")
        public void expire() {
            belief.expire();
        }

        @Operation
        @Override
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
    public static class CheckThenSet implements Lease {
        private final Race race;
        private volatile long deadline = FIRST_DEADLINE;
        private volatile boolean lost;

        public CheckThenSet() {
            this(Race.FREE);
        }

        CheckThenSet(Race race) {
            this.race = race;
        }

        @Operation(
                nonParallelGroup = "client",
                params = {"now", "deadline"})
        @Override
        public boolean confirm(int now, int newDeadline) {
            if (isLost(now)) {
                return false;
            }
            race.pause();
            deadline = Math.max(deadline, newDeadline);
            return true;
        }

        @Operation(nonParallelGroup = "client")
        public void expire() {
            lost = true;
        }

        @Operation
        @Override
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
