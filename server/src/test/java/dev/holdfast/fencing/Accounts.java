package dev.holdfast.fencing;

import dev.holdfast.client.fencing.JdbcFencingGuard;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The table to which {@link HolderMain} writes, and the guard's. */
final class Accounts {
    private final String url;

    Accounts(String url) {
        this.url = url;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url);
    }

    /** Makes both tables anew, with 0 on each account. */
    void empty() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS account");
            statement.execute("DROP TABLE IF EXISTS holdfast_fence");
            statement.execute("CREATE TABLE account (id INT PRIMARY KEY, amount BIGINT NOT NULL)");
            for (int account = 0; account < HolderMain.ACCOUNTS; account++) {
                statement.execute("INSERT INTO account VALUES (" + account + ", 0)");
            }
            new JdbcFencingGuard().createTable(connection);
            new JdbcFencingGuard().createTable(connection);
        }
    }

    long sum() throws SQLException {
        try (Connection connection = connect()) {
            return sum(connection);
        }
    }

    static long sum(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT SUM(amount) FROM account")) {
            row.next();
            return row.getLong(1);
        }
    }
}
