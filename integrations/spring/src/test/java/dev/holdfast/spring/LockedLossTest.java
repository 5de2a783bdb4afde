package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockExpiringException;
import dev.holdfast.spring.Locked.OnLoss;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/** Locks that are lost while their methods run. Time passes where a method has it pass. */
class LockedLossTest {
    private final TestCluster cluster = TestCluster.startWithManualClock();
    private final AnnotationConfigApplicationContext context =
            Contexts.start(cluster.client(), Jobs.class, Transactions.class);
    private final Jobs jobs = context.getBean(Jobs.class);

    /** Counts what is committed. */
    static class Manager extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1;

        int commits;
        int rollbacks;

        @Override
        protected Object doGetTransaction() {
            return this;
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            commits++;
        }

        @Override
        protected void doRollback(DefaultTransactionStatus status) {
            rollbacks++;
        }
    }

    @EnableTransactionManagement
    static class Transactions {
        @Bean
        Manager manager() {
            return new Manager();
        }
    }

    static class Jobs {
        @Locked(name = "job", ttl = "10s")
        @Transactional
        public void inTransaction(Callable<?> work) throws Exception {
            work.call();
        }

        @Locked(name = "job", ttl = "10s")
        public <T> T interrupted(Callable<T> work) throws Exception {
            return work.call();
        }

        @Locked(name = "job", ttl = "1h")
        public void longer() {}

        @Locked(name = "job", ttl = "PT10S", onLoss = OnLoss.FAIL)
        public <T> T failing(Callable<T> work) throws Exception {
            return work.call();
        }
    }

    @AfterEach
    void close() {
        assertThat(Thread.interrupted()).isFalse();
        assertThat(ThreadHolds.isForgotten()).isTrue();
        context.close();
        cluster.close();
    }

    private void almostLose() {
        cluster.advance(Duration.ofMillis(9_500));
        while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void a_method_is_interrupted_before_the_lock_can_be_lost() {
        assertThatThrownBy(() -> jobs.interrupted(() -> {
                    almostLose();
                    assertThat(CurrentLock.handle().orElseThrow().isHeld()).isTrue();
                    throw new InterruptedException("heeded");
                }))
                .isInstanceOf(LockExpiringException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(InterruptedException.class));
    }

    @Test
    void an_interrupt_that_the_method_did_not_heed_is_gone_when_it_has_ended() throws Exception {
        assertThat(jobs.<String>interrupted(() -> {
                    almostLose();
                    return "done";
                }))
                .isEqualTo("done");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        cluster.advance(Duration.ofMinutes(1));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void what_was_done_before_an_interrupt_is_not_committed() throws Exception {
        Manager manager = context.getBean(Manager.class);
        jobs.inTransaction(() -> 1);
        assertThat(manager.commits).isEqualTo(1);
        // Spring commits when a checked exception is thrown.
        assertThatThrownBy(() -> jobs.inTransaction(() -> {
                    almostLose();
                    Thread.sleep(1);
                    return 1;
                }))
                .isInstanceOf(LockExpiringException.class);
        assertThat(manager.commits).isEqualTo(1);
        assertThat(manager.rollbacks).isEqualTo(1);
    }

    @Test
    void a_nested_call_under_the_same_lock_is_interrupted_once_and_the_caller_hears_of_it() {
        assertThatThrownBy(() -> jobs.interrupted(() -> {
                    jobs.interrupted(() -> {
                        almostLose();
                        return Thread.interrupted();
                    });
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    throw new InterruptedException("heeded");
                }))
                .isInstanceOf(LockExpiringException.class);
    }

    @Test
    void a_method_that_is_to_fail_is_not_interrupted_and_does_not_pass_for_done() {
        assertThatThrownBy(() -> jobs.failing(() -> {
                    cluster.advance(Duration.ofSeconds(11));
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    return "done";
                }))
                .isInstanceOf(LockExpiredException.class);
    }

    @Test
    void what_a_method_threw_is_suppressed_in_that_its_lock_was_lost_except_for_an_error() {
        IllegalStateException thrown = new IllegalStateException("no");
        assertThatThrownBy(() -> jobs.failing(() -> {
                    cluster.advance(Duration.ofSeconds(11));
                    throw thrown;
                }))
                .isInstanceOf(LockExpiredException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(thrown));
        AssertionError error = new AssertionError("no");
        assertThatThrownBy(() -> jobs.failing(() -> {
                    cluster.advance(Duration.ofSeconds(11));
                    throw error;
                }))
                .isSameAs(error)
                .satisfies(e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(LockExpiredException.class));
    }

    @Test
    void nothing_is_begun_under_a_lock_that_was_lost() {
        assertThatThrownBy(() -> jobs.failing(() -> {
                    cluster.advance(Duration.ofSeconds(11));
                    return jobs.failing(() -> {
                        throw new AssertionError("begun");
                    });
                }))
                .isInstanceOf(LockExpiredException.class);
    }

    @Test
    void the_ttl_of_a_nested_call_prolongs_the_hold_and_never_shortens_it() throws Exception {
        assertThat(jobs.<Boolean>failing(() -> {
                    jobs.longer();
                    jobs.failing(() -> 1);
                    cluster.advance(Duration.ofMinutes(59));
                    return CurrentLock.handle().orElseThrow().isHeld();
                }))
                .isTrue();
    }

    @Test
    void the_next_call_takes_the_lock_anew() throws Exception {
        long lost = jobs.<Long>failing(() -> CurrentLock.token().token());
        assertThat(jobs.<Long>failing(() -> CurrentLock.token().token())).isGreaterThan(lost);
    }
}
