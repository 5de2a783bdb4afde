package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockExpiringException;
import dev.holdfast.spring.Locked.OnLoss;
import dev.holdfast.testkit.TestCluster;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/** Locks that are lost while their methods run. Time passes where a method has it pass. */
@ExtendWith(NothingLeft.class)
class LockedLossTest {
    private final TestCluster cluster = TestCluster.startWithManualClock();
    private final ExecutorService callbacks = Executors.newSingleThreadExecutor();
    private final HoldfastClient client = cluster.newClient(options -> options.callbackExecutor(callbacks));
    private final AnnotationConfigApplicationContext context = Contexts.start(client, Jobs.class, Transactions.class);
    private final Jobs jobs = context.getBean(Jobs.class);

    /** Counts what is committed. */
    static class Manager extends AbstractPlatformTransactionManager {
        private static final long serialVersionUID = 1;

        int commits;
        int rollbacks;
        boolean begunOutside;
        Runnable whileCommitting = () -> {};

        @Override
        protected boolean isExistingTransaction(Object transaction) {
            return begunOutside;
        }

        @Override
        protected void doSetRollbackOnly(DefaultTransactionStatus status) {}

        @Override
        protected Object doGetTransaction() {
            return this;
        }

        @Override
        protected void doBegin(Object transaction, TransactionDefinition definition) {}

        @Override
        protected void doCommit(DefaultTransactionStatus status) {
            whileCommitting.run();
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
        context.close();
        cluster.close();
        callbacks.shutdown();
    }

    /** Time passes, and all bells that were to ring have rung. */
    private void pass(Duration time) {
        settle();
        cluster.advance(time);
        settle();
    }

    /** The client has done what was to be done before, and has called whom it had to call. */
    private void settle() {
        // On another thread, since this one may be interrupted.
        CompletableFuture.runAsync(() -> client.createLock().isLocked(new Lockable("settle", "settle")))
                .join();
        CompletableFuture.runAsync(() -> {}, callbacks).join();
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
        pass(Duration.ofMinutes(1));
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
    void a_commit_is_not_interrupted_and_what_it_throws_is_thrown() throws Exception {
        Manager manager = context.getBean(Manager.class);
        AtomicInteger seen = new AtomicInteger();
        manager.whileCommitting = () -> {
            pass(Duration.ofMillis(9_500));
            seen.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 2);
        };
        jobs.inTransaction(() -> 1);
        assertThat(seen).hasValue(2);
        assertThat(manager.commits).isEqualTo(1);
        TransactionSystemException thrown = new TransactionSystemException("unknown");
        manager.whileCommitting = () -> {
            throw thrown;
        };
        assertThatThrownBy(() -> jobs.inTransaction(() -> 1)).isSameAs(thrown);
    }

    @Test
    void after_a_commit_the_method_is_interrupted_again() {
        TransactionTemplate template = new TransactionTemplate(context.getBean(Manager.class));
        assertThatThrownBy(() -> jobs.interrupted(() -> {
                    template.executeWithoutResult(status -> {});
                    almostLose();
                    throw new InterruptedException("heeded");
                }))
                .isInstanceOf(LockExpiringException.class);
    }

    @Test
    void a_loss_during_the_commit_is_told_with_it() {
        Manager manager = context.getBean(Manager.class);
        manager.whileCommitting = () -> pass(Duration.ofSeconds(11));
        assertThatThrownBy(() -> jobs.inTransaction(() -> 1))
                .isInstanceOf(LockExpiredException.class)
                .satisfies(e ->
                        assertThat(e.getSuppressed()).singleElement().asString().contains("was committed"));
        assertThat(manager.commits).isEqualTo(1);
    }

    @Test
    void a_transaction_that_was_begun_outside_spring_and_does_not_tell_its_end_is_an_error_in_the_log() {
        Manager manager = context.getBean(Manager.class);
        manager.begunOutside = true;
        Logger logger = (Logger) LoggerFactory.getLogger(HoldsOfTransaction.class);
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        logger.addAppender(logged);
        try {
            new TransactionTemplate(manager).executeWithoutResult(status -> jobs.longer());
        } finally {
            logger.detachAppender(logged);
        }
        assertThat(logged.list)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains("begun outside Spring")
                        .contains("job"));
    }

    @Test
    void a_manager_of_a_context_around_it_counts_too() {
        try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext(Transactions.class);
                AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
            child.setParent(parent);
            child.registerBean(HoldfastClient.class, () -> client, definition -> definition.setDestroyMethodName(""));
            child.register(Contexts.Locking.class);
            Contexts.start(child, Jobs.class);
            Manager manager = parent.getBean(Manager.class);
            assertThatThrownBy(() -> child.getBean(Jobs.class).failing(() -> {
                        new TransactionTemplate(manager).executeWithoutResult(status -> pass(Duration.ofSeconds(11)));
                        return 1;
                    }))
                    .isInstanceOf(LockExpiredException.class);
            assertThat(manager.commits).isZero();
            assertThat(manager.rollbacks).isEqualTo(1);
        }
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
                    pass(Duration.ofSeconds(11));
                    assertThat(Thread.currentThread().isInterrupted()).isFalse();
                    return "done";
                }))
                .isInstanceOf(LockExpiredException.class);
    }

    @Test
    void what_a_method_threw_is_suppressed_in_that_its_lock_was_lost_except_for_an_error() {
        IllegalStateException thrown = new IllegalStateException("no");
        assertThatThrownBy(() -> jobs.failing(() -> {
                    pass(Duration.ofSeconds(11));
                    throw thrown;
                }))
                .isInstanceOf(LockExpiredException.class)
                .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(thrown));
        AssertionError error = new AssertionError("no");
        assertThatThrownBy(() -> jobs.failing(() -> {
                    pass(Duration.ofSeconds(11));
                    throw error;
                }))
                .isSameAs(error)
                .satisfies(e -> assertThat(e.getSuppressed()).singleElement().isInstanceOf(LockExpiredException.class));
    }

    @Test
    void nothing_is_begun_under_a_lock_that_was_lost() {
        assertThatThrownBy(() -> jobs.failing(() -> {
                    pass(Duration.ofSeconds(11));
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
