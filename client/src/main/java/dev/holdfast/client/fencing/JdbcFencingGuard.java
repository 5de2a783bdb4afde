package dev.holdfast.client.fencing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.regex.Pattern;

/**
 * Guards what is written to a database. The highest token seen for each resource is kept in a table beside the data, and is
 * checked and raised in the transaction of the write: either both happen or neither does.
 *
 * <p>Writers of one resource wait for each other, from the check of the token to the end of the transaction, by the lock on
 * that resource's row. So a writer with an old token cannot slip in between the check and the write of one with a new token.
 *
 * <p>For PostgreSQL (9.5 or newer), MariaDB and MySQL (tables of InnoDB), and H2 (2.0 or newer). The table is made by {@link #createTable},
 * or by the migration tool of your choice from {@code holdfast_fence.sql} beside this class, or {@code holdfast_fence_mysql.sql}. It keeps one
 * row per resource forever; a row may be deleted when its resource is gone.
 *
 * <p>MariaDB (before 11.6.2) and MySQL at REPEATABLE READ, their default, read as of the transaction's first read, and overwrite what was
 * committed since without a word. So a transaction of the caller's reads what it is going to write only within the work, or is at READ COMMITTED.
 *
 * <p>Immutable; may be used from any thread, each with a connection of its own.
 */
public final class JdbcFencingGuard {
    private static final String TABLE = "holdfast_fence";
    private static final Pattern TABLE_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)?");
    private static final int ATTEMPTS_MAX = 10;
    private static final String UNIQUE_VIOLATION = "23505";
    private static final String SERIALIZATION_FAILURE = "40001";

    private final String table;

    /** With the table {@value #TABLE}, in the schema of the connection. */
    public JdbcFencingGuard() {
        this(TABLE);
    }

    /**
     * With a table of that name.
     *
     * @param table a plain name, or {@code schema.name}
     * @throws IllegalArgumentException if it is anything else
     */
    public JdbcFencingGuard(String table) {
        if (!TABLE_NAME.matcher(table).matches()) {
            throw new IllegalArgumentException("not the name of a table: '" + table + "'");
        }
        this.table = table;
    }

    /**
     * Creates the table unless it exists. Does not commit, unless the connection commits by itself; but MySQL and MariaDB commit what the
     * transaction has done so far before they create a table.
     */
    public void createTable(Connection connection) throws SQLException {
        String migration = FenceDialect.of(connection).migration();
        try (Statement statement = connection.createStatement()) {
            statement.execute(migration.replace(TABLE, table));
        }
    }

    /**
     * Runs the work in the transaction of the connection, if no higher token was seen for the resource. The same token is
     * accepted again and again. Blocks while another transaction writes to the resource.
     *
     * <p>If the connection commits by itself ({@code autoCommit}), this makes one transaction of the check and the work: it
     * is committed when the work returns, and rolled back when it throws. Otherwise the transaction is the caller's, who
     * commits it; <b>nothing is written before that, and if this throws, the caller rolls back</b>.
     *
     * @param work writes through the same connection. It must not commit or roll back
     * @throws StaleTokenException if a higher token was seen; the work was not run
     * @throws IllegalArgumentException if the resource or the token cannot be one, see {@link FencingToken}
     * @throws SQLException from the database. Among them are serialization failures and deadlocks (SQLState 40001), if the connection is
     *     at REPEATABLE READ or SERIALIZABLE, and with MariaDB and MySQL always: the transaction may be repeated, with the same token. After
     *     a commit that failed the caller does not know whether it happened, as always with databases
     */
    public <T, E extends Exception> T run(Connection connection, String resource, long token, FencedWork<T, E> work)
            throws SQLException, E {
        return run(connection, new FencingToken(resource, token), work);
    }

    /** {@link #run(Connection, String, long, FencedWork)}. */
    public <T, E extends Exception> T run(Connection connection, FencingToken write, FencedWork<T, E> work)
            throws SQLException, E {
        if (!connection.getAutoCommit()) {
            admit(connection, write);
            return work.run();
        }
        connection.setAutoCommit(false);
        boolean done = false;
        try {
            admit(connection, write);
            T result = work.run();
            connection.commit();
            done = true;
            return result;
        } finally {
            endTransaction(connection, done);
        }
    }

    private static void endTransaction(Connection connection, boolean committed) throws SQLException {
        try {
            if (!committed) {
                connection.rollback();
            }
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private void admit(Connection connection, FencingToken write) throws SQLException {
        FenceDialect dialect = FenceDialect.of(connection);
        for (int attempt = 1; ; attempt++) {
            try {
                if (dialect.raise(connection, table, write)) {
                    return;
                }
                long highest = dialect.highest(connection, table, write.resource());
                if (highest > write.token()) {
                    throw new StaleTokenException(write, highest);
                }
                // The row was deleted meanwhile.
            } catch (SQLException e) {
                if (dialect.isRaceLost(e)) {
                    throw new SQLTransactionRollbackException(
                            "another transaction has written to '" + write.resource()
                                    + "' since this one began to read: repeat this one",
                            SERIALIZATION_FAILURE,
                            e);
                }
                if (dialect != FenceDialect.H2
                        || !UNIQUE_VIOLATION.equals(e.getSQLState())
                        || attempt == ATTEMPTS_MAX) {
                    throw e;
                }
                // Two first writers of a resource both saw no row. There is one now, but a transaction with an older
                // snapshot does not see it.
                if (connection.getTransactionIsolation() > Connection.TRANSACTION_READ_COMMITTED) {
                    throw new SQLTransactionRollbackException(
                            "another transaction was the first to write to '" + write.resource() + "': repeat this one",
                            SERIALIZATION_FAILURE,
                            e);
                }
            }
            if (attempt == ATTEMPTS_MAX) {
                throw new SQLException(
                        "the row of '" + write.resource() + "' in " + table + " keeps appearing and disappearing");
            }
        }
    }
}
