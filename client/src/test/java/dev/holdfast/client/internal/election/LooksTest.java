package dev.holdfast.client.internal.election;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.info.HoldInfo;
import dev.holdfast.client.info.LeaseKind;
import dev.holdfast.client.info.LockInfo;
import dev.holdfast.client.internal.hold.AcquireOutcome;
import dev.holdfast.client.internal.hold.HoldHandle;
import dev.holdfast.client.internal.hold.PendingAcquire;
import dev.holdfast.client.internal.serial.Callbacks;
import dev.holdfast.client.internal.serial.SerialExecutor;
import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How often candidates and leaders look at the queue. */
class LooksTest {
    private static final Lockable OFFICE = Holdfast.createLockable("office").of();
    private static final long TIMEOUT_NANOS = Duration.ofSeconds(10).toNanos();

    private final ManualTimers timers = new ManualTimers();
    private final Executor inPlace = Runnable::run;
    private final Clockwork clockwork = new Clockwork(
            ClientOptions.defaults(),
            timers,
            new SerialExecutor(SerialExecutor.Helper.NONE),
            new Callbacks(inPlace, inPlace, inPlace, inPlace, inPlace, inPlace));
    private final List<CompletableFuture<Optional<LockInfo>>> looks = new ArrayList<>();

    private final Ballot ballot = new Ballot() {
        @Override
        public Lockable lockable() {
            return OFFICE;
        }

        @Override
        public boolean isClosed() {
            return false;
        }

        @Override
        public PendingAcquire<AcquireOutcome> stand(LockOwner owner) {
            throw new AssertionError("nobody stands here");
        }

        @Override
        public CompletableFuture<Void> giveBack(HoldHandle held) {
            throw new AssertionError("nobody holds it here");
        }

        @Override
        public CompletableFuture<Optional<LockInfo>> look(long timeoutNanos) {
            CompletableFuture<Optional<LockInfo>> look = new CompletableFuture<>();
            looks.add(look);
            return look;
        }

        @Override
        public Optional<LockInfo> lookNow() {
            throw new AssertionError("nothing blocks here");
        }

        @Override
        public CompletableFuture<Integer> askForIt() {
            return CompletableFuture.completedFuture(0);
        }
    };

    private CompletableFuture<Optional<LockInfo>> lastLook() {
        return looks.get(looks.size() - 1);
    }

    private static LockInfo heldWithWaiters(int waiters) {
        HoldInfo hold =
                new HoldInfo(Candidates.owner("leader", 0), 7, 1, LeaseKind.SESSION, Instant.EPOCH, null, List.of());
        return new LockInfo(OFFICE, hold, waiters, List.of());
    }

    @Test
    void a_candidate_that_waits_behind_more_than_anybody_sees_looks_now_and_then() {
        Nudge nudge = new Nudge(clockwork, ballot, Candidates.owner("last", 5), 5, TIMEOUT_NANOS);
        nudge.start();
        for (int second = 0; second < 3600; second++) {
            lastLook().complete(Optional.of(heldWithWaiters(500)));
            timers.advance(Duration.ofSeconds(1));
        }
        assertThat(looks).hasSizeBetween(60, 140);
        nudge.stop();
    }

    @Test
    void a_leader_that_is_asked_often_looks_once_at_a_time_until_there_is_an_answer() {
        AtomicInteger yielded = new AtomicInteger();
        Yielding yielding = new Yielding(
                clockwork, ballot, TIMEOUT_NANOS, () -> true, Optional::isPresent, yielded::incrementAndGet);
        for (int i = 0; i < 5; i++) {
            yielding.consider();
        }
        assertThat(looks).hasSize(1);

        lastLook().completeExceptionally(new IllegalStateException("no answer"));
        yielding.consider();
        assertThat(looks).hasSize(1);
        timers.advance(Duration.ofSeconds(1));
        assertThat(looks).hasSize(2);

        // Asked once more while that look is under way, which may have missed whoever asks.
        yielding.consider();
        lastLook().complete(Optional.empty());
        assertThat(looks).hasSize(3);
        lastLook().complete(Optional.empty());
        timers.advance(Duration.ofMinutes(1));
        assertThat(looks).hasSize(3);

        yielding.consider();
        lastLook().complete(Optional.of(heldWithWaiters(1)));
        assertThat(yielded).hasValue(1);
    }
}
