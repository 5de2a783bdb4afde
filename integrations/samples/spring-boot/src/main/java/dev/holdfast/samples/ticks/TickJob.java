package dev.holdfast.samples.ticks;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockAlreadyHeldException;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.fencing.FencingToken;
import dev.holdfast.client.fencing.JdbcFencingGuard;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Runs once for each second. Every instance is woken every second; whoever gets the lock runs what is due since the last run, which may be
 * more than one second if all of them were busy. Nothing but the lock keeps two instances from running the same second: the table has no
 * unique key. The fencing token keeps an instance that was stopped meanwhile from writing when it wakes up.
 */
@Component
class TickJob {
    private static final Logger LOG = LoggerFactory.getLogger(TickJob.class);

    private final HoldfastLock lock;
    private final Lockable job = Holdfast.createLockable("ticks").of();
    private final JdbcFencingGuard guard = new JdbcFencingGuard();
    private final DataSource dataSource;
    private final String instance;
    private boolean tablesAreThere;

    TickJob(HoldfastClient holdfast, DataSource dataSource, @Value("${holdfast.node.id:alone}") String instance) {
        this.lock = holdfast.createLock();
        this.dataSource = dataSource;
        this.instance = instance;
    }

    @Scheduled(cron = "* * * * * *")
    void tick() throws SQLException, InterruptedException {
        try (LockHandle held = lock.hold(job, AcquireOptions.defaults().noWait())) {
            write(FencingToken.of(held), Instant.now().getEpochSecond());
        } catch (LockAlreadyHeldException e) {
            LOG.debug("Another instance has this second");
        } catch (LockException e) {
            // The cluster has no leader now. Whoever is woken next does what is due; if this instance has written, it
            // is done.
            LOG.info("No answer about the lock this second: {}", e.getMessage());
        }
    }

    private void write(FencingToken token, long now) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            if (!tablesAreThere) {
                guard.createTable(connection);
                createTable(connection);
                tablesAreThere = true;
            }
            guard.run(connection, token, () -> {
                long last = last(connection, now - 1);
                for (long tick = last + 1; tick <= now; tick++) {
                    insert(connection, tick, token.token());
                }
                return now - last;
            });
        }
    }

    private static void createTable(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS runs (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                    + " tick BIGINT NOT NULL, token BIGINT NOT NULL, instance VARCHAR(64) NOT NULL)");
        }
    }

    private static long last(Connection connection, long otherwise) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT MAX(tick) FROM runs")) {
            result.next();
            long last = result.getLong(1);
            return result.wasNull() ? otherwise : last;
        }
    }

    private void insert(Connection connection, long tick, long token) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO runs (tick, token, instance) VALUES (?, ?, ?)")) {
            insert.setLong(1, tick);
            insert.setLong(2, token);
            insert.setString(3, instance);
            insert.executeUpdate();
        }
    }
}
