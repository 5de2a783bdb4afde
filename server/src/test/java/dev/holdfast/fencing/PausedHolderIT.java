package dev.holdfast.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.client.fencing.JdbcFencingGuard;
import dev.holdfast.client.fencing.StaleTokenException;
import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.kill.ProcessCluster.Peer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that lock, are paused for longer than their leases, and write when they wake up, into PostgreSQL. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PausedHolderIT {
    private static final int ROUNDS = 15;
    private static final long TTL_MS = 400;

    private EmbeddedPostgres postgres;
    private ProcessCluster cluster;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        postgres = startPostgres();
        cluster = ProcessCluster.startThree(folder, 0);
    }

    private static EmbeddedPostgres startPostgres() throws IOException {
        try {
            return EmbeddedPostgres.builder()
                    .setPGStartupWait(Duration.ofMinutes(1))
                    .start();
        } catch (IllegalStateException e) {
            if (String.valueOf(e.getMessage()).contains("Missing embedded postgres binaries")) {
                System.out.println("SKIPPED PausedHolderIT: no PostgreSQL is published for this platform");
                return abort(e.getMessage());
            }
            throw e;
        }
    }

    @AfterAll
    void stop() throws Exception {
        if (cluster != null) {
            cluster.close();
            postgres.close();
        }
    }

    @BeforeEach
    void emptyAccounts() throws SQLException {
        execute("DROP TABLE IF EXISTS account");
        execute("DROP TABLE IF EXISTS holdfast_fence");
        execute("CREATE TABLE account (id INT PRIMARY KEY, amount BIGINT NOT NULL)");
        execute("INSERT INTO account SELECT i, 0 FROM generate_series(0, " + (HolderProcess.ACCOUNTS - 1) + ") AS i");
        try (Connection connection = connect()) {
            new JdbcFencingGuard().createTable(connection);
            new JdbcFencingGuard().createTable(connection);
        }
    }

    private String url() {
        return postgres.getJdbcUrl("postgres", "postgres");
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(url());
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long sum(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT SUM(amount) FROM account")) {
            row.next();
            return row.getLong(1);
        }
    }

    private Peer holder(String name) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HolderProcess.class.getName(),
                        cluster.servers(),
                        url())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Peer holder = new Peer(name, process);
        holder.awaitLine(0, "UP"::equals);
        return holder;
    }

    /** One locks, reads, and is paused; another locks after it, reads and writes; the first wakes up and writes. */
    private static List<String> pauseRound(Peer first, Peer second, String how) throws Exception {
        first.ask("lock " + TTL_MS, "LOCKED"::equals);
        ProcessCluster.pause(first);
        String written;
        try {
            second.ask("lock 60000", "LOCKED"::equals);
            written = second.ask("write " + how, line -> line.startsWith("WROTE"));
        } finally {
            ProcessCluster.goOn(first);
        }
        String late = first.ask("write " + how, line -> line.startsWith("WROTE"));
        first.ask("release", "RELEASED"::equals);
        second.ask("release", "RELEASED"::equals);
        return List.of(written, late);
    }

    @Test
    void a_holder_that_was_paused_beyond_its_lease_writes_nothing() throws Exception {
        Peer first = holder("first");
        Peer second = holder("second");
        try {
            for (int round = 0; round < ROUNDS; round++) {
                assertThat(pauseRound(first, second, "guarded"))
                        .containsExactly("WROTE " + HolderProcess.ACCOUNTS + " 0", "WROTE 0 " + HolderProcess.ACCOUNTS);
                Peer swap = first;
                first = second;
                second = swap;
            }
        } finally {
            first.process.destroyForcibly();
            second.process.destroyForcibly();
        }
        try (Connection connection = connect()) {
            assertThat(sum(connection)).isEqualTo((long) ROUNDS * HolderProcess.ACCOUNTS);
        }
    }

    /** The test above could not fail if this one did. */
    @Test
    void without_the_guard_the_same_pause_loses_updates() throws Exception {
        Peer first = holder("first");
        Peer second = holder("second");
        try {
            assertThat(pauseRound(first, second, "bare"))
                    .containsExactly(
                            "WROTE " + HolderProcess.ACCOUNTS + " 0", "WROTE " + HolderProcess.ACCOUNTS + " 0");
        } finally {
            first.process.destroyForcibly();
            second.process.destroyForcibly();
        }
        try (Connection connection = connect()) {
            assertThat(sum(connection))
                    .describedAs("two writes to each account were accepted")
                    .isEqualTo(HolderProcess.ACCOUNTS);
        }
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
                try (Connection own = connect()) {
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
        try (Connection connection = connect()) {
            assertThat(sum(connection)).isEqualTo(accepted.get()).isPositive();
        }
    }

    private static boolean increment(Connection own, long token) throws SQLException {
        while (true) {
            try {
                new JdbcFencingGuard().run(own, "account:0", token, () -> {
                    long before = sum(own);
                    try (Statement statement = own.createStatement()) {
                        return statement.executeUpdate("UPDATE account SET amount = " + (before + 1) + " WHERE id = 0");
                    }
                });
                return true;
            } catch (StaleTokenException e) {
                return false;
            } catch (SQLException e) {
                // A serialization failure, which is to be repeated.
                if (!"40001".equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }
}
