package dev.holdfast.client.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdbcFencingGuardTest {
    private final String url = "jdbc:h2:mem:" + UUID.randomUUID() + ";LOCK_TIMEOUT=60000";
    private final JdbcFencingGuard guard = new JdbcFencingGuard();
    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection(url);
        guard.createTable(connection);
        guard.createTable(connection);
        execute(connection, "CREATE TABLE data (id INT PRIMARY KEY, amount BIGINT)");
        execute(connection, "INSERT INTO data VALUES (1, 0)");
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private static int execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    private static long amount(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT amount FROM data WHERE id = 1")) {
            row.next();
            return row.getLong(1);
        }
    }

    private int set(Connection on, long token, long amount) throws SQLException {
        return guard.<Integer, SQLException>run(
                on, "data:1", token, () -> execute(on, "UPDATE data SET amount = " + amount + " WHERE id = 1"));
    }

    @Test
    void tokens_may_repeat_and_rise_and_not_fall() throws SQLException {
        set(connection, 5, 50);
        set(connection, 5, 51);
        set(connection, 7, 70);
        assertThatThrownBy(() -> set(connection, 6, 60))
                .isInstanceOf(StaleTokenException.class)
                .hasMessageContaining("'data:1'")
                .hasMessageContaining("token 6")
                .hasMessageContaining("token 7");
        assertThat(amount(connection)).isEqualTo(70);
        assertThat(connection.getAutoCommit()).isTrue();
    }

    @Test
    void a_work_that_throws_is_undone_with_its_token() throws SQLException {
        set(connection, 5, 50);
        assertThatThrownBy(() -> guard.run(connection, "data:1", 9, () -> {
                    execute(connection, "UPDATE data SET amount = 90 WHERE id = 1");
                    throw new IOException("no");
                }))
                .isInstanceOf(IOException.class);
        assertThat(amount(connection)).isEqualTo(50);
        set(connection, 6, 60);
        assertThat(amount(connection)).isEqualTo(60);
    }

    @Test
    void in_the_callers_transaction_the_caller_commits() throws SQLException {
        connection.setAutoCommit(false);
        set(connection, 5, 50);
        try (Connection other = DriverManager.getConnection(url)) {
            assertThat(amount(other)).isZero();
        }
        connection.rollback();
        set(connection, 4, 40);
        connection.commit();
        assertThat(amount(connection)).isEqualTo(40);
        assertThatThrownBy(() -> set(connection, 3, 30)).isInstanceOf(StaleTokenException.class);
        connection.rollback();
        assertThat(connection.getAutoCommit()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_SERIALIZABLE})
    void concurrent_writers_lose_no_update_and_never_go_back(int isolation) throws Exception {
        int writers = 6;
        AtomicInteger accepted = new AtomicInteger();
        AtomicInteger stale = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        List<Future<?>> all = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int offset = w;
            all.add(threads.submit(() -> {
                try (Connection own = DriverManager.getConnection(url)) {
                    own.setTransactionIsolation(isolation);
                    for (long token = 1 + offset; token <= 100L * writers; token += writers) {
                        increment(own, token, accepted, stale);
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
        assertThat(amount(connection)).isEqualTo(accepted.get());
        assertThat(accepted.get() + stale.get()).isEqualTo(100 * writers);
        assertThat(accepted).hasPositiveValue();
    }

    /** Read, then write what was read plus one: loses updates unless writers take turns. */
    private void increment(Connection own, long token, AtomicInteger accepted, AtomicInteger stale)
            throws SQLException {
        while (true) {
            try {
                guard.run(own, "data:1", token, () -> {
                    long before = amount(own);
                    Thread.yield();
                    return execute(own, "UPDATE data SET amount = " + (before + 1) + " WHERE id = 1");
                });
                accepted.incrementAndGet();
                return;
            } catch (StaleTokenException e) {
                stale.incrementAndGet();
                return;
            } catch (SQLException e) {
                if (!e.getSQLState().startsWith("40")) {
                    throw e;
                }
            }
        }
    }

    @Test
    void first_writers_of_a_resource_do_not_hinder_each_other() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        for (int round = 0; round < 50; round++) {
            String resource = "round:" + round;
            List<Future<?>> all = new ArrayList<>();
            for (int w = 0; w < 4; w++) {
                all.add(threads.submit(() -> {
                    try (Connection own = DriverManager.getConnection(url)) {
                        return guard.<Object, SQLException>run(own, resource, 7, () -> null);
                    }
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        threads.shutdown();
    }

    @Test
    void a_first_writer_that_cannot_see_another_first_writer_is_to_begin_again() throws SQLException {
        try (Connection late = DriverManager.getConnection(url)) {
            late.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            late.setAutoCommit(false);
            assertThat(amount(late)).isZero();
            set(connection, 7, 70);
            assertThatThrownBy(() -> set(late, 8, 80))
                    .isInstanceOf(SQLTransactionRollbackException.class)
                    .hasMessageContaining("data:1");
            late.rollback();
            set(late, 8, 80);
            late.commit();
        }
        assertThat(amount(connection)).isEqualTo(80);
    }

    @Test
    void another_table_can_be_named() throws SQLException {
        execute(connection, "CREATE SCHEMA fences");
        JdbcFencingGuard own = new JdbcFencingGuard("fences.seen");
        own.createTable(connection);
        own.run(connection, "r", 3, () -> null);
        assertThatThrownBy(() -> own.run(connection, "r", 2, () -> null)).isInstanceOf(StaleTokenException.class);
        guard.run(connection, "r", 1, () -> null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a;drop table data", "a.b.c", "1a", "\"a\"", "a--"})
    void what_is_no_table_name_is_refused(String table) {
        assertThatIllegalArgumentException().isThrownBy(() -> new JdbcFencingGuard(table));
    }

    @Test
    void bad_tokens_and_resources_reach_no_database() {
        assertThatIllegalArgumentException().isThrownBy(() -> guard.run(connection, "r", 0, () -> null));
        assertThatIllegalArgumentException().isThrownBy(() -> guard.run(connection, "", 1, () -> null));
    }

    @Test
    void an_unknown_database_is_named() {
        DatabaseMetaData metaData = (DatabaseMetaData) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DatabaseMetaData.class}, (p, method, args) -> "Oracle");
        Connection unknown = (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Connection.class},
                (p, method, args) -> method.getName().equals("getMetaData") ? metaData : false);
        assertThatThrownBy(() -> guard.run(unknown, "r", 1, () -> null))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("Oracle")
                .hasMessageContaining("PostgreSQL, MySQL, MariaDB and H2");
    }
}
