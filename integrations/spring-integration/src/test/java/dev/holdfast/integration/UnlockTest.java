package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockOptions;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockForbiddenException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.client.hooks.HookContext;
import dev.holdfast.client.hooks.LockHooks;
import dev.holdfast.testkit.TestCluster;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Unlocks that do not get through at first. */
class UnlockTest {
    private static final Lockable FOO = new Lockable("foo", "spring-integration:foo");

    private final TestCluster cluster = TestCluster.start();
    private final HoldfastLock lock = cluster.client().createLock();
    private final Deque<RuntimeException> failures = new ArrayDeque<>(List.of(
            new LockUnavailableException("Nobody answers.", null),
            new LockOutcomeUnknownException("The answer was lost.", null),
            new LockUnavailableException("Nobody answers.", null)));

    private volatile @Nullable Supplier<RuntimeException> always;

    @AfterEach
    void close() {
        cluster.close();
    }

    private RegistryLock failing() {
        FencedLock view = wrapped(FencedLock.class, lock.asJavaLock(FOO), "unlock");
        HoldfastLock wrapped = (HoldfastLock) Proxy.newProxyInstance(
                HoldfastLock.class.getClassLoader(),
                new Class<?>[] {HoldfastLock.class},
                (proxy, method, arguments) -> view);
        return new HoldfastLockRegistry(wrapped, "spring-integration", AcquireOptions.defaults()).obtain("foo");
    }

    private @Nullable RuntimeException nextFailure() {
        Supplier<RuntimeException> each = always;
        return each == null ? failures.poll() : each.get();
    }

    private <T> T wrapped(Class<T> type, T target, String failing) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            RuntimeException failure = method.getName().equals(failing) ? nextFailure() : null;
            if (failure != null) {
                throw failure;
            }
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Test
    void an_unlock_is_tried_until_it_is_done() {
        RegistryLock failing = failing();
        failing.lock();
        failing.unlock();
        assertThat(failures).isEmpty();
        assertThat(lock.isLocked(FOO)).isFalse();
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(failing::unlock);
    }

    @Test
    void an_unlock_is_tried_until_the_hold_is_lost() {
        RegistryLock failing = failing();
        failing.lock();
        cluster.expire(failing.handle());
        assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(failing::unlock);
        assertThat(failures).isEmpty();
        assertThat(failing.tryLock()).isTrue();
    }

    private void failEachTime(Supplier<RuntimeException> failure) {
        failures.clear();
        always = failure;
    }

    @Test
    void an_unlock_that_reaches_nobody_ends_the_claim_and_is_done_in_the_background() {
        RegistryLock failing = failing();
        failEachTime(() -> new LockUnavailableException("Nobody answers.", null));
        failing.lock();
        long first = failing.token();
        failing.unlock();

        assertThat(failing.isHeldByCurrentThread()).isFalse();
        assertThat(failing.getHoldCount()).isZero();
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(failing::token);
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(failing::unlock);
        await().until(() -> !lock.isLocked(FOO));

        assertThat(failing.tryLock()).isTrue();
        assertThat(failing.getHoldCount()).isEqualTo(1);
        assertThat(failing.token()).isGreaterThan(first);
        always = null;
        failing.unlock();
        assertThat(lock.isLocked(FOO)).isFalse();
    }

    @Test
    void an_interrupted_thread_unlocks_and_stays_interrupted() {
        RegistryLock failing = failing();
        failing.lock();
        Thread.currentThread().interrupt();
        failing.unlock();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(failures).isEmpty();
        assertThat(lock.isLocked(FOO)).isFalse();
    }

    @Test
    void an_unlock_that_is_refused_ends_the_claim_and_has_the_hold_lapse() {
        RegistryLock failing = failing();
        failing.lock();
        failures.clear();
        failures.add(new LockForbiddenException("Not yours."));
        assertThatExceptionOfType(LockForbiddenException.class).isThrownBy(failing::unlock);
        assertThat(failing.isHeldByCurrentThread()).isFalse();
        await().until(() -> !lock.isLocked(FOO));

        assertThat(failing.tryLock()).isTrue();
        assertThat(failing.getHoldCount()).isEqualTo(1);
        failing.unlock();
        assertThat(lock.isLocked(FOO)).isFalse();
    }

    /** Throws before releases and extensions as long as it is asked to. */
    private static final class Veto implements LockHooks {
        volatile boolean ofReleases;
        volatile boolean ofExtensions;

        @Override
        public void beforeRelease(HookContext context) {
            throwIf(ofReleases);
        }

        @Override
        public void beforeExtend(HookContext context) {
            throwIf(ofExtensions);
        }

        private static void throwIf(boolean vetoed) {
            if (vetoed) {
                throw new IllegalStateException("by a hook");
            }
        }
    }

    private RegistryLock hooked(Veto veto) {
        HoldfastLock hooked = cluster.client().createLock(LockOptions.defaults().hooks(veto));
        return new HoldfastLockRegistry(hooked, "spring-integration", AcquireOptions.defaults()).obtain("foo");
    }

    @Test
    void a_hook_that_fails_before_a_release_does_not_keep_the_thread_inside() {
        Veto veto = new Veto();
        RegistryLock hooked = hooked(veto);
        hooked.lock();
        veto.ofReleases = true;
        assertThatIllegalStateException().isThrownBy(hooked::unlock).withMessage("by a hook");
        assertThat(hooked.getHoldCount()).isZero();
        await().until(() -> !lock.isLocked(FOO));
        veto.ofReleases = false;

        assertThat(hooked.tryLock()).isTrue();
        assertThat(hooked.getHoldCount()).isEqualTo(1);
        hooked.unlock();
        assertThat(lock.isLocked(FOO)).isFalse();
    }

    @Test
    void a_hook_that_fails_after_a_loss_does_not_keep_the_thread_inside() {
        Veto veto = new Veto();
        RegistryLock hooked = hooked(veto);
        hooked.lock();
        cluster.expire(hooked.handle());
        veto.ofReleases = true;
        assertThatIllegalStateException().isThrownBy(hooked::unlock).withMessage("by a hook");
        veto.ofReleases = false;

        assertThat(hooked.tryLock()).isTrue();
        assertThat(hooked.getHoldCount()).isEqualTo(1);
        hooked.unlock();
        assertThat(lock.isLocked(FOO)).isFalse();
    }

    @Test
    void what_can_neither_be_released_nor_lapse_is_never_entered_again_as_if_nested() {
        Veto veto = new Veto();
        RegistryLock hooked = hooked(veto);
        hooked.lock();
        long first = hooked.token();
        veto.ofReleases = true;
        veto.ofExtensions = true;
        assertThatIllegalStateException().isThrownBy(hooked::unlock).withMessage("by a hook");
        assertThatIllegalStateException().isThrownBy(hooked::tryLock).withMessage("by a hook");
        assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(hooked::unlock);
        assertThat(lock.isLocked(FOO)).isTrue();

        veto.ofReleases = false;
        hooked.lock();
        assertThat(hooked.token()).isGreaterThan(first);
        assertThat(hooked.getHoldCount()).isEqualTo(1);
        hooked.unlock();
        assertThat(lock.isLocked(FOO)).isFalse();
    }
}
