package dev.holdfast.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.spring.Locked.OnLoss;
import dev.holdfast.testkit.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Locks and transactions of a database. */
@ExtendWith(NothingLeft.class)
class LockedTransactionTest {
    private static final Lockable STOCK = new Lockable("stock", "stock:7");

    private final TestCluster cluster = TestCluster.start();
    private final HoldfastLock lock = cluster.client().createLock();
    private final AnnotationConfigApplicationContext context =
            Contexts.start(cluster.client(), Database.class, Stock.class, Caller.class);
    private final Stock stock = context.getBean(Stock.class);
    private final Caller caller = context.getBean(Caller.class);
    private final JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
    private final TransactionTemplate transaction =
            new TransactionTemplate(context.getBean(PlatformTransactionManager.class));

    @EnableTransactionManagement
    static class Database {
        @Bean
        DataSource dataSource() {
            JdbcDataSource source = new JdbcDataSource();
            source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
            return source;
        }

        @Bean
        PlatformTransactionManager transactions(DataSource source) {
            return new DataSourceTransactionManager(source);
        }

        @Bean
        JdbcTemplate jdbc(DataSource source) {
            return new JdbcTemplate(source);
        }
    }

    static class Stock {
        private final JdbcTemplate jdbc;

        Stock(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        /** Reads, and writes what it has read plus one: two at once would lose one of the two. */
        @Locked(name = "stock", key = "#id", waitFor = "1m")
        @Transactional
        public void add(int id) {
            int now = read(id);
            Thread.yield();
            jdbc.update("update stock set amount = ? where id = ?", now + 1, id);
        }

        private int read(int id) {
            Integer amount = jdbc.queryForObject("select amount from stock where id = ?", Integer.class, id);
            return amount == null ? 0 : amount;
        }

        @Locked(name = "stock", key = "#id", onLoss = OnLoss.FAIL)
        @Transactional
        public void set(int id, int amount, Runnable then) {
            jdbc.update("update stock set amount = ? where id = ?", amount, id);
            then.run();
        }

        @Locked(name = "stock", key = "#id", onLoss = OnLoss.FAIL)
        public void lockedOnly(int id, Runnable work) {
            work.run();
        }

        @Locked(name = "stock", key = "#id")
        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void inNewTransaction(int id, Runnable work) {
            work.run();
        }
    }

    static class Caller {
        @Transactional
        public void inTransaction(Runnable work) {
            work.run();
        }

        @Transactional(propagation = Propagation.REQUIRES_NEW)
        public void inAnotherTransaction(Runnable work) {
            work.run();
        }

        @Transactional(propagation = Propagation.SUPPORTS)
        public void withoutTransaction(Runnable work) {
            work.run();
        }
    }

    @BeforeEach
    void create() {
        jdbc.execute("create table stock (id int primary key, amount int)");
        jdbc.update("insert into stock values (7, 0), (8, 0)");
    }

    @AfterEach
    void close() {
        context.close();
        cluster.close();
    }

    private int amount() {
        Integer amount = jdbc.queryForObject("select amount from stock where id = 7", Integer.class);
        return amount == null ? -1 : amount;
    }

    private boolean isLocked() {
        return lock.isLocked(STOCK);
    }

    /** Runs when the transaction of this thread has committed, or rolled back, before its other ends. */
    private static void afterCompletion(Runnable check) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                check.run();
            }
        });
    }

    @Test
    void the_next_holder_sees_what_was_committed() {
        int threads = 4;
        int each = 10;
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(CompletableFuture.runAsync(() -> {
                for (int j = 0; j < each; j++) {
                    stock.add(7);
                }
            }));
        }
        all.forEach(CompletableFuture::join);
        assertThat(amount()).isEqualTo(threads * each);
    }

    @Test
    void the_lock_is_still_held_when_the_method_s_transaction_has_committed() {
        List<Boolean> seen = new ArrayList<>();
        stock.set(7, 5, () -> {
            assertThat(TransactionSynchronizationManager.isActualTransactionActive())
                    .isTrue();
            afterCompletion(() -> seen.add(isLocked()));
        });
        assertThat(seen).containsExactly(true);
        assertThat(isLocked()).isFalse();
        assertThat(amount()).isEqualTo(5);
    }

    @Test
    void within_a_transaction_the_lock_is_kept_until_that_has_committed() throws Exception {
        CompletableFuture<Integer> next = new CompletableFuture<>();
        List<Boolean> seen = new ArrayList<>();
        caller.inTransaction(() -> {
            afterCompletion(() -> seen.add(next.isDone()));
            stock.set(7, 5, () -> {});
            assertThat(CurrentLock.handle()).isEmpty();
            CompletableFuture.runAsync(() -> {
                try (LockHandle held = call(() -> lock.hold(
                        STOCK, dev.holdfast.client.AcquireOptions.defaults().waitForever()))) {
                    assertThat(held.isHeld()).isTrue();
                    next.complete(amount());
                } catch (RuntimeException | Error e) {
                    next.completeExceptionally(e);
                }
            });
            org.awaitility.Awaitility.await()
                    .until(() -> lock.get(STOCK)
                            .filter(info -> !info.waiters().isEmpty())
                            .isPresent());
        });
        assertThat(next.get()).isEqualTo(5);
        assertThat(seen).containsExactly(false);
    }

    private static <T> T call(Callable<T> work) {
        try {
            return work.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void within_a_transaction_the_lock_is_kept_until_that_has_rolled_back() {
        List<Boolean> seen = new ArrayList<>();
        assertThatThrownBy(() -> caller.inTransaction(() -> {
                    afterCompletion(() -> seen.add(isLocked()));
                    stock.set(7, 5, () -> {});
                    throw new IllegalArgumentException("no");
                }))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(seen).containsExactly(true);
        assertThat(isLocked()).isFalse();
        assertThat(amount()).isZero();
    }

    @Test
    void within_a_transaction_a_method_that_fails_keeps_the_lock_too() {
        caller.inTransaction(() -> {
            assertThatThrownBy(() -> stock.lockedOnly(7, () -> {
                        throw new IllegalArgumentException("no");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(isLocked()).isTrue();
        });
        assertThat(isLocked()).isFalse();
    }

    @Test
    void a_transaction_by_hand_counts_as_well() {
        transaction.executeWithoutResult(status -> {
            stock.lockedOnly(7, () -> {});
            assertThat(isLocked()).isTrue();
        });
        assertThat(isLocked()).isFalse();
    }

    @Test
    void where_there_is_no_transaction_the_method_s_end_releases() {
        caller.withoutTransaction(() -> {
            stock.lockedOnly(7, () -> {});
            assertThat(isLocked()).isFalse();
        });
    }

    @Test
    void a_second_call_in_the_transaction_runs_under_the_lock_that_it_keeps() {
        caller.inTransaction(() -> {
            long[] tokens = new long[2];
            stock.lockedOnly(7, () -> tokens[0] = CurrentLock.token().token());
            stock.lockedOnly(7, () -> tokens[1] = CurrentLock.token().token());
            assertThat(tokens[1]).isEqualTo(tokens[0]);
            assertThat(isLocked()).isTrue();
        });
        assertThat(isLocked()).isFalse();
    }

    @Test
    void a_transaction_that_suspends_another_neither_waits_for_its_lock_nor_frees_it() {
        caller.inTransaction(() -> {
            stock.lockedOnly(7, () -> {});
            caller.inAnotherTransaction(() -> stock.lockedOnly(7, () -> {}));
            assertThat(isLocked()).isTrue();
            stock.inNewTransaction(7, () -> {});
            assertThat(isLocked()).isTrue();
        });
        assertThat(isLocked()).isFalse();
    }

    @Test
    void the_lock_of_an_inner_transaction_is_free_when_that_has_ended() {
        caller.inTransaction(() -> {
            caller.inAnotherTransaction(() -> {
                stock.lockedOnly(7, () -> {});
                assertThat(isLocked()).isTrue();
            });
            assertThat(isLocked()).isFalse();
        });
    }

    @Test
    void the_lock_of_a_method_outlives_a_transaction_that_claims_it_as_well() {
        stock.lockedOnly(7, () -> {
            caller.inTransaction(() -> stock.lockedOnly(7, () -> {}));
            assertThat(isLocked()).isTrue();
        });
        assertThat(isLocked()).isFalse();
    }

    private void lose() {
        assertThat(lock.forceRelease(STOCK)).isTrue();
        LockHandle held = CurrentLock.handle().orElseThrow();
        org.awaitility.Awaitility.await().until(() -> !held.isHeld());
    }

    @Test
    void a_transaction_that_began_under_a_lock_does_not_commit_once_it_is_lost() {
        assertThatThrownBy(() -> stock.set(7, 5, this::lose)).isInstanceOf(LockNotHeldException.class);
        assertThat(amount()).isZero();
        assertThatThrownBy(() -> stock.lockedOnly(
                        7,
                        () -> transaction.executeWithoutResult(status -> {
                            jdbc.update("update stock set amount = 6 where id = 7");
                            lose();
                        })))
                .isInstanceOf(LockNotHeldException.class);
        assertThat(amount()).isZero();
    }

    @Test
    void a_transaction_that_keeps_a_lock_does_not_commit_once_it_is_lost() {
        assertThatThrownBy(() -> caller.inTransaction(() -> {
                    LockHandle[] kept = new LockHandle[1];
                    stock.set(7, 5, () -> kept[0] = CurrentLock.handle().orElseThrow());
                    cluster.expire(kept[0]);
                    org.awaitility.Awaitility.await().until(() -> !kept[0].isHeld());
                }))
                .isInstanceOfAny(LockExpiredException.class, LockNotHeldException.class);
        assertThat(amount()).isZero();
    }

    @Test
    void a_transaction_whose_lock_its_method_released_does_not_commit() {
        assertThatThrownBy(() ->
                        stock.set(7, 5, () -> CurrentLock.handle().orElseThrow().release()))
                .isInstanceOf(LockNotHeldException.class);
        assertThat(amount()).isZero();
    }

    @Test
    void a_loss_in_the_callbacks_before_the_commit_is_found_by_the_last_check() {
        assertThatThrownBy(() -> caller.inTransaction(() -> {
                    LockHandle kept = set(5);
                    TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                        @Override
                        public void beforeCompletion() {
                            lose(kept);
                        }
                    });
                }))
                .isInstanceOf(LockNotHeldException.class);
        assertThat(amount()).isZero();
    }

    @Test
    void a_loss_after_the_last_check_is_told_with_the_commit_when_all_callbacks_have_run() {
        List<String> ran = new ArrayList<>();
        assertThatThrownBy(() -> caller.inTransaction(() -> {
                    LockHandle kept = set(5);
                    TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                            lose(kept);
                        }
                    });
                    TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                        @Override
                        public void afterCommit() {
                            ran.add("commit");
                        }

                        @Override
                        public void afterCompletion(int status) {
                            ran.add("completion " + status);
                        }
                    });
                }))
                .isInstanceOf(LockNotHeldException.class)
                .satisfies(e ->
                        assertThat(e.getSuppressed()).singleElement().asString().contains("was committed"));
        assertThat(amount()).isEqualTo(5);
        assertThat(ran).containsExactly("commit", "completion " + TransactionSynchronization.STATUS_COMMITTED);
    }

    private LockHandle set(int amount) {
        LockHandle[] kept = new LockHandle[1];
        stock.set(7, amount, () -> kept[0] = CurrentLock.handle().orElseThrow());
        return kept[0];
    }

    private void lose(LockHandle held) {
        assertThat(lock.forceRelease(STOCK)).isTrue();
        org.awaitility.Awaitility.await().until(() -> !held.isHeld());
    }

    @Test
    void a_call_after_the_transaction_has_ended_on_another_thread_takes_the_lock_anew() {
        caller.inTransaction(() -> {
            long first = set(5).token();
            HoldsOfTransaction mine = HoldsOfTransaction.ofThread();
            CompletableFuture.runAsync(() -> mine.afterCompletion(TransactionSynchronization.STATUS_COMMITTED))
                    .join();
            assertThat(isLocked()).isFalse();
            assertThat(set(6).token()).isGreaterThan(first);
            assertThat(isLocked()).isFalse();
        });
    }

    @Test
    void the_client_is_a_bean_like_others() {
        assertThat(context.getBean(HoldfastClient.class)).isSameAs(cluster.client());
    }
}
