package dev.holdfast.shedlock;

import static dev.holdfast.shedlock.Jobs.isFree;
import static dev.holdfast.shedlock.Jobs.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.errors.LockForbiddenException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.LockException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Times when answers are lost, nobody answers, or somebody refuses. */
class DoubtTest {
    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private final ManualTimers timers = new ManualTimers();
    private final TestCluster cluster = TestCluster.start(timers);
    private final LockProvider elsewhere = Jobs.provider(cluster.newClient(), timers);
    private final Wire wire = new Wire();
    private final AtomicReference<@Nullable RuntimeException> veto = new AtomicReference<>();
    private final HoldfastLock hooked = cluster.client()
            .createLock(LockOptions.defaults().hooks(new LockHooks() {
                @Override
                public void beforeAcquire(HookContext context) {
                    throwIfVetoed();
                }

                @Override
                public void beforeExtend(HookContext context) {
                    throwIfVetoed();
                }

                @Override
                public void beforeRelease(HookContext context) {
                    throwIfVetoed();
                }
            }));
    private final LockProvider provider = new HoldfastLockProvider(wire.around(hooked), Jobs.KEYS, timers::nanoTime);

    private void throwIfVetoed() {
        RuntimeException thrown = veto.get();
        if (thrown != null) {
            throw thrown;
        }
    }

    @AfterEach
    void close() {
        Thread.interrupted();
        cluster.close();
    }

    private SimpleLock lock(Duration atMost, Duration atLeast) {
        return provider.lock(job("report", atMost, atLeast)).orElseThrow();
    }

    private boolean isFreeElsewhere() {
        return isFree(elsewhere, "report");
    }

    private static LockOutcomeUnknownException answerLost() {
        return new LockOutcomeUnknownException("The answer was lost.", null);
    }

    /** Fails it without a second try: an interrupted thread does not wait for one. */
    private static void extendOnce(SimpleLock lock, Duration atMost, Duration atLeast) {
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(LockException.class)
                    .isThrownBy(() -> lock.extend(atMost, atLeast))
                    .withMessageContaining("not certain")
                    .withCauseInstanceOf(LockOutcomeUnknownException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void a_shortening_whose_answer_was_lost_does_not_end_the_least_time() {
        SimpleLock lock = lock(Duration.ofMinutes(20), Duration.ofMinutes(10));
        wire.fail(true, DoubtTest::answerLost);
        extendOnce(lock, Duration.ofMinutes(11), Duration.ofMinutes(10));
        cluster.advance(Duration.ofMinutes(2));

        lock.unlock();

        cluster.advance(Duration.ofMinutes(8).minus(MILLISECOND));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(MILLISECOND);
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void a_second_unlock_after_one_in_doubt_keeps_the_least_time_too() {
        for (boolean done : new boolean[] {true, false}) {
            SimpleLock lock = lock(HOUR, Duration.ofMinutes(10));
            cluster.advance(MINUTE);
            wire.fail(done, DoubtTest::answerLost);
            assertThatExceptionOfType(LockException.class).isThrownBy(lock::unlock);
            cluster.advance(MINUTE);
            lock.unlock();
            cluster.advance(Duration.ofMinutes(8).minus(MILLISECOND));
            assertThat(isFreeElsewhere()).isFalse();
            cluster.advance(MILLISECOND);
            assertThat(isFreeElsewhere()).isTrue();
        }
        assertThat(wire.calls()).containsExactly("expireIn", "expireIn", "expireIn", "expireIn");
    }

    @Test
    void a_second_unlock_after_one_in_doubt_tells_of_no_loss_when_the_least_time_is_over() {
        SimpleLock lock = lock(HOUR, Duration.ofMinutes(10));
        wire.fail(true, DoubtTest::answerLost);
        assertThatExceptionOfType(LockException.class).isThrownBy(lock::unlock);
        cluster.advance(Duration.ofMinutes(11));
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void a_least_time_as_long_as_the_lease_ends_with_the_lease() {
        SimpleLock lock = lock(MINUTE, MINUTE);
        cluster.advance(Duration.ofSeconds(10));
        lock.unlock();
        assertThat(wire.calls()).containsExactly("extend");
        cluster.advance(Duration.ofSeconds(50).minus(MILLISECOND));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(MILLISECOND);
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_extension_is_tried_again_until_somebody_answers() {
        SimpleLock lock = lock(MINUTE, Duration.ZERO);
        wire.fail(false, () -> new LockUnavailableException("Nobody answers.", null));
        wire.fail(true, DoubtTest::answerLost);
        wire.fail(false, () -> new LockUnavailableException("Nobody answers.", null));
        SimpleLock extended = lock.extend(HOUR, Duration.ZERO).orElseThrow();
        assertThat(wire.calls()).containsExactly("extend", "extend", "extend", "extend");
        cluster.advance(HOUR.minus(MILLISECOND));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(MILLISECOND);
        assertThat(isFreeElsewhere()).isTrue();
        assertThatExceptionOfType(LockException.class).isThrownBy(extended::unlock);
    }

    @Test
    void a_shortening_in_doubt_that_was_not_done_is_tried_again_as_one() {
        SimpleLock lock = lock(HOUR, Duration.ZERO);
        wire.fail(false, DoubtTest::answerLost);
        assertThat(lock.extend(MINUTE, Duration.ZERO)).isPresent();
        assertThat(wire.calls()).containsExactly("expireIn", "expireIn");
        cluster.advance(MINUTE);
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_extension_that_is_refused_is_certainly_none() {
        SimpleLock lock = lock(HOUR, Duration.ZERO);
        wire.fail(false, () -> new LockForbiddenException("Not yours."));
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> lock.extend(HOUR, Duration.ZERO))
                .withMessageContaining("was not extended")
                .withMessageContaining("Not yours.");
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> lock.extend(Duration.ofDays(100_000), Duration.ZERO))
                .withMessageContaining("was not extended")
                .withCauseInstanceOf(LockRequestRejectedException.class);
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void what_hooks_throw_comes_as_a_lock_exception_and_tells_what_was_not_done() {
        SimpleLock lock = lock(HOUR, Duration.ZERO);
        IllegalStateException thrown = new IllegalStateException("by a hook");
        veto.set(thrown);
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> provider.lock(job("invoice")))
                .withMessageContaining("a hook failed")
                .withCause(thrown);
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> lock.extend(HOUR, Duration.ZERO))
                .withMessageContaining("was not extended")
                .withCause(thrown);
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(lock::unlock)
                .withMessageContaining("was not released")
                .withCause(thrown);
        assertThat(JobHold.find()).as("its job has ended").isEmpty();
        assertThat(isFreeElsewhere()).isFalse();

        veto.set(null);
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }
}
