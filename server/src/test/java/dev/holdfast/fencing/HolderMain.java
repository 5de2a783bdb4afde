package dev.holdfast.fencing;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import dev.holdfast.client.errors.LockException;
import dev.holdfast.client.fencing.FencingToken;
import dev.holdfast.client.fencing.JdbcFencingGuard;
import dev.holdfast.client.fencing.StaleTokenException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that locks accounts, reads them, and later writes what it read plus one. Between the two it may be paused.
 * Arguments: the cluster's servers and a JDBC URL. Lines in: {@code lock ttlMillis}, {@code write guarded|bare},
 * {@code release}. Lines out: {@code LOCKED}, {@code WROTE accepted rejected}, {@code RELEASED}. It ends with its standard
 * input.
 */
public final class HolderMain {
    static final int ACCOUNTS = 20;
    private static final LockableDefinition ACCOUNT = Holdfast.createLockable("account", LockableOptions.plural());

    private record Reading(LockHandle handle, int account, long amount) {}

    private final HoldfastClient client;
    private final HoldfastLock lock;
    private final Connection connection;
    private final JdbcFencingGuard guard = new JdbcFencingGuard();
    private final List<Reading> reads = new ArrayList<>();

    private HolderMain(HoldfastClient client, Connection connection) {
        this.client = client;
        this.lock = client.createLock();
        this.connection = connection;
    }

    public static void main(String[] args) throws Exception {
        try (Connection connection = DriverManager.getConnection(args[1]);
                HoldfastClient client =
                        Holdfast.connect(args[0], ClientOptions.defaults().requestTimeout(Duration.ofMinutes(2)))) {
            new HolderMain(client, connection).obey();
        }
    }

    private void obey() throws Exception {
        System.out.println("UP");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "lock" -> lockAll(Duration.ofMillis(Long.parseLong(words[1])));
                case "write" -> writeAll(words[1].equals("guarded"));
                case "release" -> releaseAll();
                default -> System.out.println("? " + line);
            }
        }
    }

    private void lockAll(Duration ttl) throws Exception {
        reads.clear();
        for (int account = 0; account < ACCOUNTS; account++) {
            LockHandle handle = lock.hold(
                    client.processOwner(),
                    ACCOUNT.of(String.valueOf(account)),
                    AcquireOptions.defaults().ttl(ttl).wait(Duration.ofMinutes(2)));
            reads.add(new Reading(handle, account, amountOf(account)));
        }
        System.out.println("LOCKED");
    }

    private long amountOf(int account) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT amount FROM account WHERE id = ?")) {
            select.setInt(1, account);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void writeAll(boolean guarded) throws SQLException {
        int accepted = 0;
        int rejected = 0;
        for (Reading read : reads) {
            try {
                if (guarded) {
                    guard.run(connection, FencingToken.of(read.handle), () -> write(read));
                } else {
                    write(read);
                }
                accepted++;
            } catch (StaleTokenException e) {
                rejected++;
            }
        }
        System.out.println("WROTE " + accepted + " " + rejected);
    }

    private int write(Reading read) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE account SET amount = ? WHERE id = ?")) {
            update.setLong(1, read.amount + 1);
            update.setInt(2, read.account);
            return update.executeUpdate();
        }
    }

    private void releaseAll() {
        for (Reading read : reads) {
            try {
                read.handle.release();
            } catch (LockException expired) {
                // As it should be, if it was paused for long enough.
                continue;
            }
        }
        System.out.println("RELEASED");
    }
}
