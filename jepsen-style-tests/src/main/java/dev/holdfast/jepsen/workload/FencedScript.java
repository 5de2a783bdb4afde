package dev.holdfast.jepsen.workload;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.fencing.FencedWork;
import dev.holdfast.client.fencing.JdbcFencingGuard;
import dev.holdfast.client.fencing.StaleTokenException;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.workload.Caller.Got;
import dev.holdfast.jepsen.workload.Caller.Spot;
import dev.holdfast.jepsen.workload.Caller.Wish;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/**
 * Under a mutex, reads a counter in a database, and then writes the next number, even though the hold may be over by
 * then: only the token guards the write. So a number that is written twice is a lost update.
 */
final class FencedScript implements Script {
    private static final String PREFIX = "db:";

    private final JdbcFencingGuard guard = new JdbcFencingGuard();
    private final String url;

    FencedScript(String url) {
        this.url = url;
    }

    /** Creates the tables unless they exist. */
    static void createTables(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            new JdbcFencingGuard().createTable(connection);
            statement.execute("CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL)");
        }
    }

    @Override
    public boolean once(Caller caller) throws InterruptedException {
        Spot spot = caller.anySpot();
        Lockable lockable = Holdfast.createLockable(spot.key()).of();
        HoldfastLock lock = caller.client.createLock();
        Wish wish = new Wish(1, 1, false, caller.random.nextBoolean(), caller.anyWait());
        Got got = caller.acquire(spot, wish, options -> lock.acquire(caller.owner, lockable, options));
        LockHandle handle = got.handle();
        if (handle == null) {
            return got.isKnown();
        }
        return count(caller, spot.key(), handle.token()) && caller.release(handle);
    }

    private boolean count(Caller caller, String key, long token) throws InterruptedException {
        try (Connection connection = DriverManager.getConnection(url)) {
            Result read = attempt(caller, connection, key, new Call.Read(token), token, () -> value(connection, key));
            if (read instanceof Result.Value before) {
                TimeUnit.MICROSECONDS.sleep(caller.random.nextInt(10_000));
                long next = before.value() + 1;
                return Caller.known(attempt(
                        caller, connection, key, new Call.Write(token, next), token, () -> set(connection, key, next)));
            }
            return Caller.known(read);
        } catch (SQLException e) {
            // No connection: nothing was done.
            return true;
        }
    }

    private Result attempt(
            Caller caller,
            Connection connection,
            String key,
            Call call,
            long token,
            FencedWork<Result, SQLException> work)
            throws InterruptedException {
        return caller.record(PREFIX + key, call, () -> {
            try {
                return guard.run(connection, key, token, work);
            } catch (StaleTokenException e) {
                return new Result.Stale();
            } catch (SQLException e) {
                return new Result.Unknown(e.toString());
            }
        });
    }

    private static Result value(Connection connection, String key) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT value FROM counter WHERE name = ?")) {
            select.setString(1, key);
            try (ResultSet row = select.executeQuery()) {
                return new Result.Value(row.next() ? row.getLong(1) : 0);
            }
        }
    }

    private static Result set(Connection connection, String key, long value) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value")) {
            insert.setString(1, key);
            insert.setLong(2, value);
            insert.executeUpdate();
            return new Result.Done();
        }
    }
}
