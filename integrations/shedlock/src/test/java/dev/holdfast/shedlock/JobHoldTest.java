package dev.holdfast.shedlock;

import static dev.holdfast.shedlock.Jobs.AT_MOST;
import static dev.holdfast.shedlock.Jobs.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.client.HoldState;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.time.ManualTimers;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockExtender;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.LockException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobHoldTest {
    private final ManualTimers timers = new ManualTimers();
    private final TestCluster cluster = TestCluster.start(timers);
    private final HoldfastLockProvider provider = Jobs.provider(cluster.client(), timers);
    private final LockingTaskExecutor executor = new DefaultLockingTaskExecutor(provider);
    private final List<Long> tokens = new ArrayList<>();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void run(String name, Runnable job) {
        executor.executeWithLock(job, job(name));
    }

    private void noteToken() {
        tokens.add(JobHold.token());
    }

    @Test
    void each_run_of_a_job_has_a_greater_token() {
        run("report", this::noteToken);
        run("report", this::noteToken);
        assertThat(tokens).hasSize(2);
        assertThat(tokens.get(1)).isGreaterThan(tokens.get(0));
    }

    @Test
    void there_is_none_before_and_after_a_job() {
        assertThat(JobHold.find()).isEmpty();
        run("report", this::noteToken);
        assertThat(JobHold.find()).isEmpty();
        assertThatIllegalStateException().isThrownBy(JobHold::token).withMessageContaining("runs no job");
    }

    @Test
    void there_is_none_after_a_job_that_fails_or_keeps_its_lock_for_a_least_time() {
        assertThatIllegalStateException()
                .isThrownBy(() -> run("report", () -> {
                    throw new IllegalStateException("the job's");
                }))
                .withMessage("the job's");
        executor.executeWithLock((Runnable) this::noteToken, job("invoice", AT_MOST, AT_MOST));
        assertThat(JobHold.find()).isEmpty();
    }

    @Test
    void of_jobs_within_jobs_it_is_the_innermost() {
        run("outer", () -> {
            noteToken();
            run("inner", this::noteToken);
            noteToken();
        });
        assertThat(tokens.get(1)).isNotEqualTo(tokens.get(0));
        assertThat(tokens.get(2)).isEqualTo(tokens.get(0));
    }

    @Test
    void a_job_within_one_of_the_same_name_shares_its_token() {
        run("report", () -> {
            noteToken();
            run("report", this::noteToken);
            noteToken();
        });
        assertThat(tokens).hasSize(3).containsOnly(tokens.get(0));
    }

    @Test
    void a_job_within_another_within_one_of_the_same_name_finds_its_token_by_the_name() {
        run("a", () -> {
            noteToken();
            run(
                    "b",
                    () -> run("a", () -> {
                        assertThat(JobHold.token())
                                .as("the innermost lock is b's")
                                .isNotEqualTo(tokens.get(0));
                        tokens.add(JobHold.token("a"));
                        assertThat(JobHold.token("b")).isEqualTo(JobHold.token());
                        assertThat(JobHold.find("c")).isEmpty();
                        assertThatIllegalStateException()
                                .isThrownBy(() -> JobHold.token("c"))
                                .withMessageContaining("'c'");
                    }));
            assertThat(JobHold.find("b")).isEmpty();
        });
        assertThat(tokens).hasSize(2).containsOnly(tokens.get(0));
        assertThat(JobHold.find("a")).isEmpty();
    }

    @Test
    void an_extension_keeps_the_token() {
        run("report", () -> {
            noteToken();
            LockExtender.extendActiveLock(Duration.ofHours(1), Duration.ZERO);
            noteToken();
            LockExtender.extendActiveLock(Duration.ofMinutes(1), Duration.ZERO);
            noteToken();
            assertThat(JobHold.handle().leaseLeft().orElseThrow())
                    .isBetween(Duration.ofSeconds(59), Duration.ofMinutes(1));
        });
        assertThat(tokens).hasSize(3).containsOnly(tokens.get(0));
    }

    @Test
    void a_job_whose_lock_expired_gets_no_token_and_hears_of_the_loss() {
        AtomicReference<Throwable> inside = new AtomicReference<>();
        AtomicReference<HoldState> state = new AtomicReference<>();
        CompletableFuture<Object> lost = new CompletableFuture<>();
        assertThatExceptionOfType(LockException.class)
                .isThrownBy(() -> run("report", () -> {
                    JobHold.handle().onLost(lost::complete);
                    cluster.advance(AT_MOST);
                    state.set(JobHold.handle().state());
                    try {
                        JobHold.token();
                    } catch (LockExpiredException e) {
                        inside.set(e);
                    }
                }));
        assertThat(inside.get()).isNotNull();
        assertThat(state.get()).isEqualTo(HoldState.LOST);
        assertThat(lost).succeedsWithin(Duration.ofMinutes(1));
    }

    @Test
    void other_threads_do_not_see_it() {
        run("report", () -> {
            Optional<LockHandle> there =
                    CompletableFuture.supplyAsync(JobHold::find).join();
            assertThat(there).isEmpty();
            noteToken();
        });
        assertThat(tokens).hasSize(1);
    }

    @Test
    void an_unlock_on_another_thread_ends_it_here() {
        SimpleLock lock = provider.lock(job("report")).orElseThrow();
        assertThat(JobHold.find()).isPresent();
        CompletableFuture.runAsync(lock::unlock).join();
        assertThat(JobHold.find()).isEmpty();
    }
}
