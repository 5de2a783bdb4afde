package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long locks live, with a clock that the test turns. */
class LeasesTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final TestCluster cluster = TestCluster.startWithManualClock();
    private final HoldfastClient client = cluster.client();
    private final HoldfastLockRegistry registry = new HoldfastLockRegistry(client);
    private final HoldfastLockRegistry ofMinutes = new HoldfastLockRegistry(
            client.createLock(),
            HoldfastLockRegistry.DEFAULT_REGION,
            AcquireOptions.defaults().ttl(MINUTE));
    private final HoldfastLockRegistry elsewhere = new HoldfastLockRegistry(cluster.newClient());

    @AfterEach
    void close() {
        cluster.close();
    }

    private boolean isFreeElsewhere() {
        RegistryLock lock = elsewhere.obtain("foo");
        if (!lock.tryLock()) {
            return false;
        }
        lock.unlock();
        return true;
    }

    @Test
    void by_default_a_lock_lives_as_long_as_its_process() {
        RegistryLock lock = registry.obtain("foo");
        lock.lock();
        cluster.advance(Duration.ofHours(1));
        assertThat(isFreeElsewhere()).isFalse();
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void the_locks_of_a_process_that_stands_still_are_lost_and_it_hears_of_that() {
        RegistryLock lock = registry.obtain("foo");
        lock.lock();
        cluster.pause(client);
        cluster.advance(MINUTE);
        assertThat(isFreeElsewhere()).isTrue();
        cluster.resume(client);
        assertThat(lock.isHeldByCurrentThread()).isFalse();
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(() -> registry.renewLock("foo"));
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);
    }

    @Test
    void a_ttl_of_its_own_ends_a_lock() throws Exception {
        RegistryLock lock = registry.obtain("foo");
        lock.lock(SECOND);
        cluster.advance(SECOND.minusMillis(1));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(Duration.ofMillis(1));
        assertThat(isFreeElsewhere()).isTrue();
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);

        assertThat(lock.tryLock(Duration.ZERO, SECOND)).isTrue();
        cluster.advance(SECOND);
        assertThat(isFreeElsewhere()).isTrue();
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);
    }

    @Test
    void a_ttl_of_its_own_may_be_longer_than_the_registry_s() {
        RegistryLock lock = ofMinutes.obtain("foo");
        lock.lock(Duration.ofHours(1));
        cluster.advance(Duration.ofMinutes(50));
        assertThat(isFreeElsewhere()).isFalse();
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void a_renewed_lock_outlives_its_ttl() {
        RegistryLock lock = ofMinutes.obtain("foo");
        lock.lock();
        cluster.advance(Duration.ofSeconds(50));
        ofMinutes.renewLock("foo");
        cluster.advance(Duration.ofSeconds(50));
        assertThat(isFreeElsewhere()).isFalse();
        ofMinutes.renewLock("foo", Duration.ofHours(1));
        cluster.advance(Duration.ofMinutes(50));
        assertThat(isFreeElsewhere()).isFalse();
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void a_nested_lock_renews_the_ttl() throws Exception {
        RegistryLock lock = ofMinutes.obtain("foo");
        lock.lock();
        for (int i = 0; i < 4; i++) {
            cluster.advance(Duration.ofSeconds(50));
            assertThat(lock.tryLock(1, TimeUnit.SECONDS)).isTrue();
            lock.unlock();
        }
        cluster.advance(Duration.ofSeconds(50));
        assertThat(lock.tryLock(Duration.ZERO, Duration.ofHours(1))).isTrue();
        lock.unlock();
        cluster.advance(Duration.ofMinutes(50));
        assertThat(isFreeElsewhere()).isFalse();
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }

    @Test
    void a_lock_with_a_ttl_of_its_own_is_renewed_by_that() throws Exception {
        RegistryLock lock = registry.obtain("foo");
        lock.lock(MINUTE);
        cluster.advance(Duration.ofSeconds(50));
        registry.renewLock("foo");
        cluster.advance(Duration.ofSeconds(50));
        lock.lock();
        lock.unlock();
        cluster.advance(Duration.ofSeconds(50));
        assertThat(lock.tryLock()).isTrue();
        lock.unlock();
        cluster.advance(MINUTE.minusMillis(1));
        assertThat(isFreeElsewhere()).isFalse();
        cluster.advance(Duration.ofMillis(1));
        assertThat(isFreeElsewhere()).isTrue();
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);

        assertThat(ofMinutes.obtain("foo").tryLock(Duration.ZERO, Duration.ofHours(1)))
                .isTrue();
        cluster.advance(Duration.ofMinutes(50));
        ofMinutes.renewLock("foo");
        cluster.advance(Duration.ofMinutes(50));
        assertThat(isFreeElsewhere()).isFalse();
        ofMinutes.obtain("foo").unlock();
    }

    @Test
    void a_nested_lock_that_cannot_renew_leaves_the_thread_inside_once() {
        AtomicBoolean vetoed = new AtomicBoolean();
        HoldfastLock hooked = client.createLock(LockOptions.defaults().hooks(new LockHooks() {
            @Override
            public void beforeExtend(HookContext context) {
                if (vetoed.get()) {
                    throw new IllegalStateException("not now");
                }
            }
        }));
        RegistryLock lock = new HoldfastLockRegistry(
                        hooked,
                        HoldfastLockRegistry.DEFAULT_REGION,
                        AcquireOptions.defaults().ttl(MINUTE))
                .obtain("foo");
        lock.lock();
        vetoed.set(true);
        assertThatIllegalStateException().isThrownBy(lock::lock).withMessage("not now");
        assertThatIllegalStateException().isThrownBy(lock::tryLock).withMessage("not now");
        assertThat(lock.getHoldCount()).isEqualTo(1);
        lock.unlock();
        assertThat(isFreeElsewhere()).isTrue();
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
    }

    @Test
    void a_nested_lock_with_a_ttl_that_nothing_may_have_is_refused() {
        RegistryLock lock = ofMinutes.obtain("foo");
        lock.lock();
        Duration tooLong = AcquireOptions.TTL_MAX.plusMillis(1);
        assertThatExceptionOfType(LockException.class).isThrownBy(() -> lock.lock(tooLong));
        assertThat(lock.getHoldCount()).isEqualTo(1);
        cluster.expire(lock.handle());
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::lock);
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
    }

    @Test
    void a_lock_that_expired_cannot_be_renewed() {
        RegistryLock lock = ofMinutes.obtain("foo");
        lock.lock();
        cluster.advance(MINUTE);
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(() -> ofMinutes.renewLock("foo"));
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);
    }

    @Test
    void registries_of_one_client_share_what_a_thread_holds() {
        registry.obtain("foo").lock();
        RegistryLock same = ofMinutes.obtain("foo");
        assertThat(same.tryLock()).isTrue();
        assertThat(same.getHoldCount()).isEqualTo(2);
        same.unlock();
        same.unlock();
        assertThat(isFreeElsewhere()).isTrue();
    }
}
