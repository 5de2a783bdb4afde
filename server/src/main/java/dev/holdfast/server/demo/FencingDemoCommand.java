package dev.holdfast.server.demo;

import dev.holdfast.client.fencing.JdbcFencingGuard;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import org.h2.tools.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Two processes add to a number in a database, one at a time by a lock; each in turn is stopped with SIGSTOP while it holds the
 * lock, for longer than its lease. Fails if a stale write gets through, or an update is lost.
 */
@Command(
        name = "fencing-demo",
        description =
                "Stops processes that hold a lock, lets others write to a database, and shows that the late writes of"
                        + " the first are rejected by their fencing tokens.",
        mixinStandardHelpOptions = true)
public final class FencingDemoCommand implements Callable<Integer> {
    private static final String TTL_MS = "700";
    private static final int ROUNDS_MAX = 10_000;

    private final Narrator out = new Narrator();
    private int accepted;

    @Option(names = "--rounds", defaultValue = "3", description = "How many times, 1 to 10000; 3 by default.")
    private int rounds;

    @Override
    public Integer call() throws IOException, InterruptedException, SQLException {
        if (rounds < 1 || rounds > ROUNDS_MAX) {
            System.err.println("holdfast: --rounds is 1 to " + ROUNDS_MAX + ", not " + rounds);
            return 2;
        }
        out.plain(
                "Three peers, each a process; a database; and two more processes that add to the stock in it, each when it");
        out.plain("has the lock on it. A lease is " + TTL_MS + " ms.");
        Server database =
                Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
        String url = "jdbc:h2:tcp://127.0.0.1:" + database.getPort() + "/mem:stock;DB_CLOSE_DELAY=-1";
        try (DemoCluster cluster = DemoCluster.start();
                Connection connection = prepare(url);
                WriterProcess alice = WriterProcess.start("alice", cluster.clientAddresses(), url);
                WriterProcess bob = WriterProcess.start("bob", cluster.clientAddresses(), url)) {
            for (int round = 1; round <= rounds; round++) {
                out.title(round, "A holder is stopped between reading and writing");
                out.held(round % 2 == 1 ? play(alice, bob) : play(bob, alice));
            }
            long stock = stock(connection);
            Stage.check(stock == accepted, "the stock is " + stock + " after " + accepted + " accepted writes");
            out.plain("");
            out.plain(accepted + " writes accepted, " + rounds + " stale ones rejected, the stock is " + stock
                    + ": no update was lost.");
            return 0;
        } catch (SceneFailedException e) {
            out.failed(e.why());
            return 1;
        } finally {
            database.stop();
        }
    }

    private static Connection prepare(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE stock (pieces BIGINT NOT NULL)");
            statement.execute("INSERT INTO stock VALUES (0)");
            new JdbcFencingGuard().createTable(connection);
        }
        return connection;
    }

    private static long stock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pieces FROM stock")) {
            row.next();
            return row.getLong(1);
        }
    }

    private String play(WriterProcess first, WriterProcess second) throws IOException, InterruptedException {
        String[] read = first.ask("lock " + TTL_MS, "LOCKED");
        out.line(first.name() + " locks the stock, and reads it", read[2] + " pieces, token " + read[1]);
        first.suspend();
        out.line("kill -STOP " + first.pid(), first.name() + " stands still");
        String[] wrote;
        try {
            String[] next = second.ask("lock 60000", "LOCKED");
            out.line(second.name() + " waits for the lock, and reads", next[2] + " pieces, token " + next[1]);
            wrote = second.ask("write", "WROTE", "REJECTED");
            out.line(second.name() + " adds one and writes", answer(wrote));
            Stage.check(wrote[0].equals("WROTE"), "the holder's write was rejected");
            accepted++;
        } finally {
            first.resume();
        }
        String[] late = first.ask("write", "WROTE", "REJECTED");
        out.line("kill -CONT; " + first.name() + " adds one and writes", answer(late));
        Stage.check(late[0].equals("REJECTED"), "a stale write was accepted");
        first.ask("release", "RELEASED");
        second.ask("release", "RELEASED");
        return "the stale write changed nothing";
    }

    private static String answer(String[] words) {
        return words[0].equals("WROTE")
                ? "accepted: " + words[1] + " pieces"
                : "rejected: token " + words[1] + ", but " + words[2] + " was seen";
    }
}
