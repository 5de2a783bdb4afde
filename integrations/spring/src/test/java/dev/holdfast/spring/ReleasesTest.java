package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockOwner;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockForbiddenException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Releases that fail: a pretended handle's, since a cluster in memory always answers. */
class ReleasesTest {
    private final AtomicInteger releases = new AtomicInteger();

    /** What the next releases fail with; then they succeed. */
    private volatile int failures = 2;

    private volatile HoldState state = HoldState.HELD;

    /** At which release it turns out to be lost; 0 for none. */
    private volatile int lostAt;

    private volatile boolean askedAfterLoss;
    private volatile boolean throwsAtOnce;
    private volatile RuntimeException failure = new LockUnavailableException("release of 'job' by x", null);

    private final LockHandle handle = (LockHandle) Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {LockHandle.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "state" -> {
                    askedAfterLoss |= state == HoldState.LOST;
                    yield state;
                }
                case "lockable" -> new Lockable("job", "job");
                case "owner" -> LockOwner.unique("test");
                case "release" -> {
                    attempt();
                    yield null;
                }
                case "releaseAsync" -> {
                    try {
                        attempt();
                        yield CompletableFuture.completedFuture(null);
                    } catch (RuntimeException e) {
                        if (throwsAtOnce) {
                            throw e;
                        }
                        yield CompletableFuture.failedFuture(new CompletionException(e));
                    }
                }
                default -> throw new UnsupportedOperationException(method.getName());
            });

    private synchronized void attempt() {
        if (releases.incrementAndGet() == lostAt) {
            state = HoldState.LOST;
        }
        if (failures > 0) {
            failures--;
            throw failure;
        }
        state = HoldState.RELEASED;
    }

    @Test
    void a_release_that_nobody_answered_is_repeated_until_it_is_settled() {
        Releases.release(handle);
        await().until(() -> state == HoldState.RELEASED);
        assertThat(releases).hasValue(3);
    }

    @Test
    void likewise_at_the_end_of_a_transaction() {
        assertThat(Releases.releaseAsync(handle).join()).isNull();
        await().until(() -> state == HoldState.RELEASED);
        assertThat(releases).hasValue(3);
    }

    @Test
    void a_release_that_was_refused_or_whose_hook_threw_is_repeated_as_well() {
        for (RuntimeException each : List.of(
                new LockForbiddenException("release of 'job'"), new IllegalStateException("a hook of an extension"))) {
            releases.set(0);
            failures = 2;
            state = HoldState.HELD;
            failure = each;
            Releases.release(handle);
            await().until(() -> state == HoldState.RELEASED);
            assertThat(releases).hasValue(3);
            releases.set(0);
            failures = 2;
            state = HoldState.HELD;
            assertThat(Releases.releaseAsync(handle).join()).isNull();
            await().until(() -> state == HoldState.RELEASED);
            assertThat(releases).hasValue(3);
        }
    }

    @Test
    void an_asynchronous_release_that_throws_at_once_is_repeated_too() {
        throwsAtOnce = true;
        assertThat(Releases.releaseAsync(handle).join()).isNull();
        await().until(() -> state == HoldState.RELEASED);
        assertThat(releases).hasValue(3);
    }

    @Test
    void a_lock_that_was_lost_is_told_and_not_released_again() {
        failure = new LockNotHeldException("job", LockOwner.unique("test"), (@Nullable LockOwner) null);
        assertThatThrownBy(() -> Releases.release(handle)).isSameAs(failure);
        assertThat(Releases.releaseAsync(handle).join()).isSameAs(failure);
        assertThat(releases).hasValue(2);
    }

    @Test
    void it_is_not_repeated_once_the_lock_is_lost() {
        failures = Integer.MAX_VALUE;
        lostAt = 3;
        Releases.release(handle);
        await().until(() -> askedAfterLoss);
        assertThat(releases).hasValue(3);
    }
}
