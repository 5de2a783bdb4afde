package dev.holdfast.client.internal.hold;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.internal.lease.LeaseBelief;
import dev.holdfast.client.internal.lease.LogClock;
import dev.holdfast.client.support.EveryOrder;
import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.support.LincheckTest;
import dev.holdfast.client.support.Race;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.Owner;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Users' threads ask what is believed of a hold while the client learns more. */
class TrackedHoldInterleavingTest {
    private static final long ENDED_NANOS = 100_000_000;

    /** What the scenario needs of a hold that was asked to end, which may have happened, and has by now. */
    private interface Bounded {
        /** It did: the belief says so, and nothing else has to. */
        void settle();

        HoldState state();
    }

    @LincheckTest
    void a_hold_that_has_ended_is_never_seen_held_while_it_becomes_known_that_it_has() {
        Interleavings.explore(() -> settleWhileAsked(Race.FREE, race -> new Real()));
    }

    @LincheckTest
    void a_hold_whose_belief_is_read_before_its_bounds_is_rejected() {
        Interleavings.assertRaceIsFound(() -> settleWhileAsked(Race.FREE, race -> new BeliefFirst(race)));
    }

    @Test
    void in_every_order_of_the_steps_it_is_never_seen_held() {
        EveryOrder.holds(steps -> settleWhileAsked(steps, race -> new BoundsFirst(race)));
        EveryOrder.breaks(steps -> settleWhileAsked(steps, race -> new BeliefFirst(race)));
    }

    private static void settleWhileAsked(Race race, Function<Race, Bounded> kind) {
        Bounded hold = kind.apply(race);
        HoldState[] seen = new HoldState[1];
        race.together(() -> hold.settle(), () -> seen[0] = hold.state());
        require(seen[0] == HoldState.LOST, "seen: " + seen[0]);
        require(hold.state() == HoldState.LOST, "at the end: " + hold.state());
    }

    private static final class Real implements Bounded {
        private final TrackedHold hold;
        private final LeaseBelief bound;

        Real() {
            LogClock clock = new LogClock();
            clock.observe(0, 0);
            hold = new TrackedHold(7, LockableKey.mutex("job"), Owner.of("user", "alice"), clock);
            hold.keepUntilReleased();
            bound = hold.bound(0, 10_000_000);
        }

        @Override
        public void settle() {
            hold.keepUntil(10, ENDED_NANOS);
            hold.unbound(bound);
        }

        @Override
        public HoldState state() {
            return hold.state(ENDED_NANOS);
        }
    }

    /** The same in small: whether it is over by the belief, and by the bound. */
    private abstract static class Model implements Bounded {
        final Race race;
        volatile boolean over;
        volatile boolean bounded = true;

        Model(Race race) {
            this.race = race;
        }

        @Override
        public void settle() {
            over = true;
            race.pause();
            bounded = false;
        }
    }

    private static final class BoundsFirst extends Model {
        BoundsFirst(Race race) {
            super(race);
        }

        @Override
        public HoldState state() {
            boolean isBounded = bounded;
            race.pause();
            return over || isBounded ? HoldState.LOST : HoldState.HELD;
        }
    }

    private static final class BeliefFirst extends Model {
        BeliefFirst(Race race) {
            super(race);
        }

        @Override
        public HoldState state() {
            boolean isOver = over;
            race.pause();
            return bounded || isOver ? HoldState.LOST : HoldState.HELD;
        }
    }
}
