package dev.holdfast.client.internal.remote;

import static dev.holdfast.client.support.Interleavings.require;

import dev.holdfast.client.support.EveryOrder;
import dev.holdfast.client.support.Interleavings;
import dev.holdfast.client.support.LincheckTest;
import dev.holdfast.client.support.Race;
import dev.holdfast.client.transport.TransportException;
import dev.holdfast.client.transport.TransportException.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A request is sent, times out and loses its connection, all at once: what its caller is told must be true. */
class PendingRequestInterleavingTest {
    private static final Ending BROKEN = Ending.broken("broken", null);

    /** What the scenarios need of a request. */
    private interface Request {
        boolean claim();

        void broke();

        void timeout(Future<?> timer);

        CompletableFuture<String> future();
    }

    @LincheckTest
    void a_request_that_is_said_not_to_be_sent_never_is() {
        Interleavings.explore(() -> sendWhileBreaking(Race.FREE, race -> new Real()));
    }

    @LincheckTest
    void a_request_that_checks_its_state_and_then_sets_it_is_rejected() {
        Interleavings.assertRaceIsFound(() -> sendWhileBreaking(Race.FREE, race -> new CheckThenSet(race)));
    }

    @LincheckTest
    void the_timer_of_a_request_that_is_done_is_cancelled() {
        Interleavings.explore(() -> breakWhileTimed(Race.FREE, race -> new Real()));
    }

    @LincheckTest
    void a_request_that_takes_its_timer_without_another_look_is_rejected() {
        Interleavings.assertRaceIsFound(() -> breakWhileTimed(Race.FREE, race -> new CheckThenSet(race)));
    }

    @Test
    void in_every_order_of_the_steps_a_request_that_is_said_not_to_be_sent_never_is() {
        EveryOrder.holds(steps -> sendWhileBreaking(steps, race -> timed(race, new Real())));
        EveryOrder.breaks(steps -> sendWhileBreaking(steps, race -> timed(race, new CheckThenSet(race))));
    }

    @Test
    void in_every_order_of_the_steps_the_timer_of_a_request_that_is_done_is_cancelled() {
        EveryOrder.holds(steps -> breakWhileTimed(steps, race -> timed(race, new Real())));
        EveryOrder.breaks(steps -> breakWhileTimed(steps, race -> timed(race, new CheckThenSet(race))));
    }

    /** With a timer already, so that whoever ends the request can be stopped before its caller is told. */
    private static Request timed(Race race, Request request) {
        request.timeout(new PausingTimer(race));
        return request;
    }

    private static void sendWhileBreaking(Race race, Function<Race, Request> kind) {
        Request request = kind.apply(race);
        boolean[] sent = {false};
        race.together(() -> sent[0] = request.claim(), () -> request.broke());
        Kind told = failure(request.future());
        require(told == (sent[0] ? Kind.OUTCOME_UNKNOWN : Kind.UNREACHABLE), told + ", sent: " + sent[0]);
    }

    private static void breakWhileTimed(Race race, Function<Race, Request> kind) {
        Request request = kind.apply(race);
        CompletableFuture<Void> timer = new PausingTimer(race);
        race.together(() -> request.timeout(timer), () -> request.broke());
        require(timer.isCancelled(), "the timer still runs");
    }

    private static Kind failure(CompletableFuture<String> future) {
        try {
            throw new AssertionError("not failed but " + future.getNow("pending"));
        } catch (CompletionException e) {
            return ((TransportException) e.getCause()).kind();
        }
    }

    private static final class PausingTimer extends CompletableFuture<Void> {
        private final Race race;

        PausingTimer(Race race) {
            this.race = race;
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            race.pause();
            return super.cancel(mayInterrupt);
        }
    }

    private static final class Real implements Request {
        private final PendingRequest<String> request = new PendingRequest<>(frame -> "reply");

        @Override
        public boolean claim() {
            return request.claim();
        }

        @Override
        public void broke() {
            request.fail(BROKEN);
        }

        @Override
        public void timeout(Future<?> timer) {
            request.timeout(timer);
        }

        @Override
        public CompletableFuture<String> future() {
            return request.future();
        }
    }

    private static final class CheckThenSet implements Request {
        private final CompletableFuture<String> future = new CompletableFuture<>();
        private volatile boolean done;
        private volatile boolean sent;
        private volatile @Nullable Future<?> timer;
        private final Race race;

        CheckThenSet(Race race) {
            this.race = race;
        }

        @Override
        public boolean claim() {
            if (done) {
                return false;
            }
            race.pause();
            sent = true;
            return true;
        }

        @Override
        public void broke() {
            done = true;
            if (timer != null) {
                timer.cancel(false);
            }
            future.completeExceptionally(sent ? BROKEN.ofSent() : BROKEN.ofUnsent());
        }

        @Override
        public void timeout(Future<?> newTimer) {
            if (done) {
                newTimer.cancel(false);
            } else {
                race.pause();
                timer = newTimer;
            }
        }

        @Override
        public CompletableFuture<String> future() {
            return future;
        }
    }
}
