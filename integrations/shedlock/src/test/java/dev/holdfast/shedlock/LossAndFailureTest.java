package dev.holdfast.shedlock;

import static dev.holdfast.shedlock.Jobs.AT_MOST;
import static dev.holdfast.shedlock.Jobs.isFree;
import static dev.holdfast.shedlock.Jobs.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.testkit.TestCluster;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.LockException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LossAndFailureTest {
    private static final LockableDefinition JOBS = Holdfast.createLockable("shedlock", LockableOptions.plural());
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualTimers timers = new ManualTimers();
    private final TestCluster cluster = TestCluster.start(timers);
    private final HoldfastClient client = cluster.client();
    private final LockProvider provider = Jobs.provider(client, timers);
    private final LockProvider elsewhere = Jobs.provider(cluster.newClient(), timers);
    private final LockingTaskExecutor executor = new DefaultLockingTaskExecutor(provider);
    private final AtomicBoolean ran = new AtomicBoolean();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void whoever_runs_a_job_hears_that_its_lock_expired() {
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> executor.executeWithLock(
                        (Runnable) () -> cluster.advance(Duration.ofMinutes(2)), job("report", MINUTE, Duration.ZERO)))
                .withMessageContaining("'report' was lost before its job ended")
                .withMessageContaining("PT1M")
                .withCauseInstanceOf(LockExpiredException.class);
    }

    @Test
    void whoever_runs_a_job_hears_that_its_lock_was_taken_by_force() {
        HoldfastLock admin = cluster.newClient().createLock();
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> executor.executeWithLock(
                        (Runnable) () -> assertThat(admin.forceRelease(JOBS.of("report")))
                                .isTrue(),
                        job("report")))
                .withMessageContaining("'report' was lost before its job ended")
                .withCauseInstanceOf(LockNotHeldException.class);
    }

    @Test
    void a_lost_lock_with_a_least_time_is_not_taken_for_unlocked() {
        SimpleLock lock = provider.lock(job("report", MINUTE, MINUTE)).orElseThrow();
        cluster.advance(Duration.ofMinutes(2));
        SimpleLock next = elsewhere.lock(job("report")).orElseThrow();

        assertThatExceptionOfType(LockException.class).isThrownBy(lock::unlock);

        assertThat(isFree(provider, "report")).as("still the other's").isFalse();
        next.unlock();
    }

    @Test
    void a_job_does_not_run_while_nobody_can_be_reached() {
        HoldfastClient lonely = cluster.newClient();
        lonely.close();
        LockingTaskExecutor alone = new DefaultLockingTaskExecutor(new HoldfastLockProvider(lonely));
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> alone.executeWithLock((Runnable) () -> ran.set(true), job("report")))
                .withMessageContaining("its job does not run")
                .withCauseInstanceOf(LockClientClosedException.class);
        assertThat(ran).isFalse();
    }

    @Test
    void a_job_whose_lock_is_in_doubt_does_not_run_and_the_lock_ends_with_lock_at_most_for() {
        LockingTaskExecutor unlucky = new DefaultLockingTaskExecutor(
                new HoldfastLockProvider(answersLost(client.createLock()), JOBS, timers::nanoTime));
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(
                        () -> unlucky.executeWithLock((Runnable) () -> ran.set(true), job("report", MINUTE, MINUTE)))
                .withCauseInstanceOf(LockOutcomeUnknownException.class);
        assertThat(ran).isFalse();

        cluster.advance(MINUTE.minusMillis(1));
        assertThat(isFree(elsewhere, "report")).isFalse();
        cluster.advance(Duration.ofMillis(1));
        assertThat(isFree(elsewhere, "report")).isTrue();
    }

    /** Acquires in truth, and tells nobody; nor does anybody give it back, as when this process dies then. */
    private static HoldfastLock answersLost(HoldfastLock lock) {
        return (HoldfastLock) Proxy.newProxyInstance(
                HoldfastLock.class.getClassLoader(),
                new Class<?>[] {HoldfastLock.class},
                (proxy, method, arguments) -> {
                    try {
                        Object granted = method.invoke(lock, arguments);
                        assertThat((Optional<?>) granted).isPresent();
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    throw new LockOutcomeUnknownException("The answer was lost.", null);
                });
    }

    @Test
    void a_lock_survives_its_client_until_its_times_are_over() {
        HoldfastClient mortal = cluster.newClient();
        LockProvider mortals = new HoldfastLockProvider(mortal);
        SimpleLock unlocked = mortals.lock(job("unlocked", AT_MOST, MINUTE)).orElseThrow();
        unlocked.unlock();
        assertThat(mortals.lock(job("running", AT_MOST, MINUTE))).isPresent();
        mortal.close();

        cluster.advance(MINUTE.minusMillis(1));
        assertThat(isFree(elsewhere, "unlocked")).isFalse();
        cluster.advance(Duration.ofMillis(1));
        assertThat(isFree(elsewhere, "unlocked")).isTrue();
        assertThat(isFree(elsewhere, "running")).isFalse();
        cluster.advance(AT_MOST);
        assertThat(isFree(elsewhere, "running")).isTrue();
    }

    @Test
    void an_unlock_that_cannot_reach_the_cluster_says_when_the_lock_ends() {
        HoldfastClient mortal = cluster.newClient();
        SimpleLock lock = new HoldfastLockProvider(mortal).lock(job("report")).orElseThrow();
        mortal.close();
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(lock::unlock)
                .withMessageContaining("may not have been released")
                .withMessageContaining("PT5M");
    }

    @Test
    void an_interrupted_thread_acquires_nothing_and_stays_interrupted() {
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(LockException.class)
                    .isThrownBy(() -> provider.lock(job("report")))
                    .withCauseInstanceOf(InterruptedException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(isFree(elsewhere, "report")).isTrue();
    }

    @Test
    void a_name_that_cannot_be_part_of_a_key_is_refused_with_the_reason() {
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> provider.lock(job("report\n")))
                .withMessageContaining("control character")
                .withCauseInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void a_job_that_may_be_locked_for_no_time_does_not_run() {
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> executor.executeWithLock(
                        (Runnable) () -> ran.set(true), job("report", Duration.ZERO, Duration.ZERO)))
                .withMessageContaining("must be positive");
        assertThat(ran).isFalse();
    }

    @Test
    void a_grant_that_is_over_when_its_answer_comes_runs_no_job() {
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> executor.executeWithLock(
                        (Runnable) () -> ran.set(true), job("report", Duration.ofMillis(1), Duration.ZERO)))
                .withMessageContaining("was over when the answer came");
        assertThat(ran).isFalse();
    }

    @Test
    void all_jobs_under_one_lock_are_a_mistake() {
        HoldfastLock lock = client.createLock();
        LockableDefinition one = Holdfast.createLockable("jobs");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HoldfastLockProvider(lock, one))
                .withMessageContaining("'jobs' is singular");
    }

    @Test
    void the_keys_are_those_of_the_definition() {
        LockableDefinition jobs =
                Holdfast.createLockable("job", LockableOptions.plural().prefix("billing"));
        HoldfastLock lock = client.createLock();
        assertThat(new HoldfastLockProvider(lock, jobs).lock(job("report"))).isPresent();
        assertThat(provider.lock(job("report"))).isPresent();
        assertThat(lock.isLocked(new Lockable("job", "billing:job:report"))).isTrue();
        assertThat(lock.isLocked(new Lockable("job", "shedlock:report"))).isTrue();
    }
}
