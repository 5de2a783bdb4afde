package dev.holdfast.server.demo;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.Lockable;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.fencing.FencingToken;
import dev.holdfast.client.fencing.JdbcFencingGuard;
import dev.holdfast.client.fencing.StaleTokenException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Adds to the stock when told to; see {@link FencingDemoCommand}. Ends with its standard input. */
@Command(name = "fencing-demo-writer", hidden = true, description = "Writes when it is told to.")
public final class WriterCommand implements Callable<Integer> {
    private static final Lockable STOCK = Holdfast.createLockable("stock").of();

    private final JdbcFencingGuard guard = new JdbcFencingGuard();
    private @Nullable LockHandle handle;
    private long read;

    @Option(names = "--servers", required = true)
    private String servers = "";

    @Option(names = "--url", required = true)
    private String url = "";

    @Option(names = "--name", required = true)
    private String name = "";

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        try (Connection connection = DriverManager.getConnection(url);
                HoldfastClient client =
                        Holdfast.connect(servers, ClientOptions.defaults().name(name))) {
            HoldfastLock lock = client.createLock();
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            System.out.println("UP");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                switch (words[0]) {
                    case "lock" -> lock(lock, connection, Duration.ofMillis(Long.parseLong(words[1])));
                    case "write" -> write(connection);
                    default -> release();
                }
            }
        }
        return 0;
    }

    private void lock(HoldfastLock lock, Connection connection, Duration ttl)
            throws SQLException, InterruptedException {
        LockHandle granted = lock.hold(
                Stage.worker(name), STOCK, AcquireOptions.defaults().ttl(ttl).wait(Duration.ofSeconds(30)));
        handle = granted;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pieces FROM stock")) {
            row.next();
            read = row.getLong(1);
        }
        System.out.println("LOCKED " + granted.token() + " " + read);
    }

    private void write(Connection connection) throws SQLException {
        LockHandle held = handle;
        if (held == null) {
            throw new IllegalStateException("told to write without a lock");
        }
        try {
            guard.run(connection, FencingToken.of(held), () -> {
                try (PreparedStatement update = connection.prepareStatement("UPDATE stock SET pieces = ?")) {
                    update.setLong(1, read + 1);
                    return update.executeUpdate();
                }
            });
            System.out.println("WROTE " + (read + 1));
        } catch (StaleTokenException e) {
            System.out.println("REJECTED " + e.token() + " " + e.highestSeen());
        }
    }

    private void release() {
        LockHandle held = handle;
        try {
            if (held != null) {
                held.release();
            }
        } catch (LockException expired) {
            // It was stopped for longer than its lease.
        }
        System.out.println("RELEASED");
    }
}
