package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.FencedLock;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import dev.holdfast.testkit.TestCluster;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ConcurrentModificationException;
import java.util.Deque;
import java.util.List;
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

    private <T> T wrapped(Class<T> type, T target, String failing) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            RuntimeException failure = method.getName().equals(failing) ? failures.poll() : null;
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
}
