package dev.holdfast.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.fencing.JdbcFencingGuard;
import dev.holdfast.client.fencing.StaleTokenException;
import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.kill.SharedCluster;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A series of paused holders, and writers at the same time, on a database server. */
@ExtendWith(SharedCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DatabaseFencing {
    private static final int ROUNDS = 15;

    private Accounts accounts;

    /** Of the database, which has been started. */
    abstract String url();

    @BeforeEach
    void emptyAccounts() throws SQLException {
        accounts = new Accounts(url());
        accounts.empty();
    }

    @Test
    void holders_that_are_paused_beyond_their_leases_write_nothing(ProcessCluster cluster) throws Exception {
        try (Holder one = Holder.start("one", cluster.servers(), url());
                Holder other = Holder.start("other", cluster.servers(), url())) {
            for (int round = 0; round < ROUNDS; round++) {
                boolean accepted = round % 2 == 0 ? one.writesLateAfter(other, true) : other.writesLateAfter(one, true);
                assertThat(accepted).isFalse();
            }
        }
        assertThat(accounts.sum()).isEqualTo((long) ROUNDS * HolderMain.ACCOUNTS);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Connection.TRANSACTION_READ_COMMITTED,
                Connection.TRANSACTION_REPEATABLE_READ,
                Connection.TRANSACTION_SERIALIZABLE
            })
    void concurrent_writers_lose_no_update_and_never_go_back(int isolation) throws Exception {
        int writers = 6;
        AtomicInteger accepted = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        List<Future<?>> all = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int offset = w;
            all.add(threads.submit(() -> {
                try (Connection own = accounts.connect()) {
                    own.setTransactionIsolation(isolation);
                    for (long token = 1 + offset; token <= 100L * writers; token += writers) {
                        if (increment(own, token)) {
                            accepted.incrementAndGet();
                        }
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
        assertThat(accounts.sum()).isEqualTo(accepted.get()).isPositive();
    }

    @Test
    void the_same_token_again_is_taken_and_a_lower_one_is_not() throws Exception {
        JdbcFencingGuard guard = new JdbcFencingGuard();
        // Names that a collation could take for one.
        for (String resource : List.of("order", "Order", "order ", "\u00f6rder")) {
            try (Connection connection = accounts.connect()) {
                for (long token : new long[] {5, 5, 7}) {
                    assertThat(guard.run(connection, resource, token, () -> token))
                            .isEqualTo(token);
                }
                assertThatThrownBy(() -> guard.run(connection, resource, 6, () -> 0))
                        .isInstanceOf(StaleTokenException.class)
                        .hasMessageContaining("token 7");
                // In a transaction of the caller's, too, and again after it was rolled back.
                connection.setAutoCommit(false);
                guard.run(connection, resource, 9, () -> 0);
                connection.rollback();
                guard.run(connection, resource, 8, () -> 0);
                connection.commit();
            }
        }
    }

    private static boolean increment(Connection own, long token) throws SQLException {
        while (true) {
            try {
                new JdbcFencingGuard().run(own, "account:0", token, () -> {
                    long before = Accounts.sum(own);
                    try (Statement statement = own.createStatement()) {
                        return statement.executeUpdate("UPDATE account SET amount = " + (before + 1) + " WHERE id = 0");
                    }
                });
                return true;
            } catch (StaleTokenException e) {
                return false;
            } catch (SQLException e) {
                // A serialization failure is to be tried again.
                if (!"40001".equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }
}
