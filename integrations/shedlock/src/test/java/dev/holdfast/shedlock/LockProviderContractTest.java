package dev.holdfast.shedlock;

import static dev.holdfast.shedlock.Jobs.AT_MOST;
import static dev.holdfast.shedlock.Jobs.isFree;
import static dev.holdfast.shedlock.Jobs.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.Optional;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.LockException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What ShedLock demands of lock providers, extensible ones included. Each lock is looked at from another process. */
class LockProviderContractTest {
    private static final Duration TWO_SECONDS = Duration.ofSeconds(2);
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final Duration MILLISECOND = Duration.ofMillis(1);

    private final ManualTimers timers = new ManualTimers();
    private final TestCluster cluster = TestCluster.start(timers);
    private final ExtensibleLockProvider provider = Jobs.provider(cluster.client(), timers);
    private final ExtensibleLockProvider elsewhere = Jobs.provider(cluster.newClient(), timers);

    @AfterEach
    void close() {
        cluster.close();
    }

    private SimpleLock lock(Duration atMost, Duration atLeast) {
        return provider.lock(job("report", atMost, atLeast)).orElseThrow();
    }

    private boolean isFreeElsewhere() {
        return isFree(elsewhere, "report");
    }

    @Test
    void a_lock_is_held_until_it_is_unlocked() {
        SimpleLock lock = lock(AT_MOST, Duration.ZERO);
        assertThat(isFreeElsewhere()).isFalse();
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void a_second_acquire_is_refused_in_the_same_process_too() {
        SimpleLock lock = lock(AT_MOST, Duration.ZERO);
        assertThat(provider.lock(job("report"))).isEmpty();
        lock.unlock();
    }

    @Test
    void locks_with_different_names_are_independent() {
        SimpleLock report = provider.lock(job("report")).orElseThrow();
        SimpleLock invoice = provider.lock(job("invoice")).orElseThrow();
        invoice.unlock();
        report.unlock();
    }

    @Test
    void names_that_look_alike_in_keys_are_different_locks() {
        assertThat(provider.lock(job("a:b"))).isPresent();
        assertThat(provider.lock(job("a%3Ab"))).isPresent();
        assertThat(elsewhere.lock(job("a:b"))).isEmpty();
    }

    @Test
    void it_can_be_locked_again_right_after_the_unlock() {
        for (int i = 0; i < 10; i++) {
            SimpleLock lock = lock(AT_MOST, Duration.ZERO);
            assertThat(elsewhere.lock(job("report"))).isEmpty();
            lock.unlock();
        }
    }

    @Test
    void it_is_free_when_lock_at_most_for_is_over() {
        lock(TWO_SECONDS, Duration.ZERO);
        cluster.advance(TWO_SECONDS.minus(MILLISECOND));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(MILLISECOND);
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_early_unlock_leaves_it_locked_until_lock_at_least_for_is_over() {
        SimpleLock lock = lock(AT_MOST, TEN_SECONDS);
        cluster.advance(Duration.ofSeconds(4));
        lock.unlock();

        cluster.advance(Duration.ofSeconds(6).minus(MILLISECOND));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(MILLISECOND);
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_unlock_after_lock_at_least_for_frees_it_at_once() {
        SimpleLock lock = lock(AT_MOST, TEN_SECONDS);
        cluster.advance(TEN_SECONDS);
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_extended_lock_outlives_its_first_end() {
        SimpleLock extended = lock(TWO_SECONDS, Duration.ZERO)
                .extend(TEN_SECONDS, Duration.ZERO)
                .orElseThrow();
        cluster.advance(Duration.ofSeconds(9));
        assertThat(isFreeElsewhere()).isFalse();
        extended.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void it_can_be_extended_several_times() {
        SimpleLock lock = lock(TWO_SECONDS, Duration.ZERO);
        for (int i = 0; i < 3; i++) {
            cluster.advance(Duration.ofSeconds(1));
            lock = lock.extend(TWO_SECONDS, Duration.ZERO).orElseThrow();
        }
        cluster.advance(Duration.ofSeconds(1));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(Duration.ofSeconds(1));
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_extension_can_shorten_it() {
        SimpleLock shortened =
                lock(AT_MOST, Duration.ZERO).extend(TWO_SECONDS, Duration.ZERO).orElseThrow();
        cluster.advance(TWO_SECONDS.minus(MILLISECOND));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(MILLISECOND);
        assertThat(isFreeElsewhere()).isTrue();
        assertThatExceptionOfType(LockException.class).isThrownBy(shortened::unlock);
    }

    @Test
    void a_shortened_lock_can_be_extended_again() {
        SimpleLock lock = lock(AT_MOST, Duration.ZERO)
                .extend(TWO_SECONDS, Duration.ZERO)
                .orElseThrow()
                .extend(TEN_SECONDS, Duration.ZERO)
                .orElseThrow();
        cluster.advance(Duration.ofSeconds(9));
        assertThat(isFreeElsewhere()).isFalse();
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_extension_has_a_least_time_of_its_own_counted_from_then() {
        SimpleLock lock = lock(AT_MOST, Duration.ZERO);
        cluster.advance(TWO_SECONDS);
        SimpleLock extended = lock.extend(TEN_SECONDS, Duration.ofSeconds(9)).orElseThrow();
        cluster.advance(TWO_SECONDS);
        extended.unlock();
        cluster.advance(Duration.ofSeconds(7).minus(MILLISECOND));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(MILLISECOND);
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_expired_lock_cannot_be_extended() {
        SimpleLock lock = lock(Duration.ofMillis(2), Duration.ZERO);
        cluster.advance(Duration.ofMillis(4));
        Optional<SimpleLock> extended = lock.extend(TEN_SECONDS, Duration.ZERO);
        assertThat(extended).isEmpty();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_unlocked_lock_is_neither_extended_nor_unlocked_again() {
        SimpleLock lock = lock(AT_MOST, Duration.ZERO);
        lock.unlock();
        assertThatIllegalStateException().isThrownBy(() -> lock.extend(TEN_SECONDS, Duration.ZERO));
        assertThatIllegalStateException().isThrownBy(lock::unlock);
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void an_extended_lock_is_used_only_through_its_successor() {
        SimpleLock lock = lock(AT_MOST, Duration.ZERO);
        SimpleLock extended = lock.extend(TEN_SECONDS, Duration.ZERO).orElseThrow();
        assertThatIllegalStateException().isThrownBy(() -> lock.extend(TEN_SECONDS, Duration.ZERO));
        assertThatIllegalStateException().isThrownBy(lock::unlock);
        extended.unlock();
    }
}
