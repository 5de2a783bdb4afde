package dev.holdfast.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.client.fencing.JdbcFencingGuard;
import dev.holdfast.client.fencing.StaleTokenException;
import dev.holdfast.kill.ProcessCluster;
import dev.holdfast.kill.SharedCluster;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A series of paused holders, and writers at the same time, on PostgreSQL. */
@Tag("long")
@ExtendWith(SharedCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresFencingIT {
    private static final int ROUNDS = 15;

    private EmbeddedPostgres postgres;
    private Accounts accounts;

    @BeforeAll
    void start() throws Exception {
        postgres = startPostgres();
        accounts = new Accounts(url());
    }

    private static EmbeddedPostgres startPostgres() throws IOException {
        try {
            return EmbeddedPostgres.builder()
                    .setPGStartupWait(Duration.ofMinutes(1))
                    .start();
        } catch (IllegalStateException e) {
            if (String.valueOf(e.getMessage()).contains("Missing embedded postgres binaries")) {
                System.out.println("SKIPPED PostgresFencingIT: no PostgreSQL is published for this platform");
                return abort(e.getMessage());
            }
            throw e;
        }
    }

    @AfterAll
    void stop() throws Exception {
        if (postgres != null) {
            postgres.close();
        }
    }

    @BeforeEach
    void emptyAccounts() throws SQLException {
        accounts.empty();
    }

    private String url() {
        return postgres.getJdbcUrl("postgres", "postgres");
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
