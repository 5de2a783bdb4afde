package dev.holdfast.client.fencing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/** How a database keeps and raises the highest token of a resource. */
enum FenceDialect {
    POSTGRESQL("holdfast_fence.sql", "PostgreSQL") {
        @Override
        String upsertInto(String table) {
            return "INSERT INTO " + table + " AS fence (resource, token) VALUES (?, ?)"
                    + " ON CONFLICT (resource) DO UPDATE SET token = EXCLUDED.token"
                    + " WHERE fence.token <= EXCLUDED.token";
        }
    },
    H2("holdfast_fence.sql", "H2") {
        @Override
        String upsertInto(String table) {
            return "MERGE INTO " + table + " AS fence"
                    + " USING (VALUES (CAST(? AS VARCHAR), CAST(? AS BIGINT))) AS seen(resource, token)"
                    + " ON fence.resource = seen.resource"
                    + " WHEN MATCHED AND fence.token <= seen.token THEN UPDATE SET token = seen.token"
                    + " WHEN NOT MATCHED THEN INSERT (resource, token) VALUES (seen.resource, seen.token)";
        }
    },

    /**
     * How many rows were changed says nothing here, as it depends on the driver's settings. The statement locks the row whatever it
     * does to it, so what is read next stays true; and a locking read sees the newest row at every isolation level.
     */
    MYSQL("holdfast_fence_mysql.sql", "MySQL") {
        @Override
        boolean isOf(String name) {
            return super.isOf(name) || name.equals("MariaDB");
        }

        /** From MariaDB 11.6.2 on, which has {@code innodb_snapshot_isolation}. */
        @Override
        boolean isRaceLost(SQLException e) {
            return e.getErrorCode() == ER_CHECKREAD;
        }

        @Override
        String upsertInto(String table) {
            return "INSERT INTO " + table + " (resource, token) VALUES (?, ?)"
                    + " ON DUPLICATE KEY UPDATE token = GREATEST(token, VALUES(token))";
        }

        @Override
        boolean raise(Connection connection, String table, FencingToken write) throws SQLException {
            upsert(connection, table, write);
            return highest(connection, table, write.resource()) == write.token();
        }

        @Override
        String select(String table) {
            return super.select(table) + " FOR UPDATE";
        }

        /** The column is binary: names that differ in case, accents or trailing blanks are names of different resources. */
        @Override
        void setResource(PreparedStatement statement, String resource) throws SQLException {
            statement.setBytes(1, resource.getBytes(StandardCharsets.UTF_8));
        }
    };

    private static final int ER_CHECKREAD = 1020;

    private final String migration;
    private final String product;

    FenceDialect(String migration, String product) {
        this.migration = migration;
        this.product = product;
    }

    static FenceDialect of(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        for (FenceDialect dialect : values()) {
            if (dialect.isOf(product)) {
                return dialect;
            }
        }
        throw new UnsupportedOperationException(
                "the JDBC fencing guard supports PostgreSQL, MySQL, MariaDB and H2, but this is a connection to "
                        + product + "; docs/fencing.md has statements for others");
    }

    boolean isOf(String name) {
        return name.equals(product);
    }

    /** Whether that says, by a state of its own, that the row has changed since the transaction began to read. */
    boolean isRaceLost(SQLException e) {
        return false;
    }

    /** What makes the table. */
    String migration() {
        try (InputStream in =
                Objects.requireNonNull(FenceDialect.class.getResourceAsStream(migration), "no migration")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes the resource and the token, and leaves the higher one. */
    abstract String upsertInto(String table);

    String select(String table) {
        return "SELECT token FROM " + table + " WHERE resource = ?";
    }

    void setResource(PreparedStatement statement, String resource) throws SQLException {
        statement.setString(1, resource);
    }

    /** Whether the token is not below the highest seen; then it is the highest, and the row is locked. */
    boolean raise(Connection connection, String table, FencingToken write) throws SQLException {
        return upsert(connection, table, write) == 1;
    }

    final int upsert(Connection connection, String table, FencingToken write) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement(upsertInto(table))) {
            setResource(upsert, write.resource());
            upsert.setLong(2, write.token());
            return upsert.executeUpdate();
        }
    }

    /** The highest token seen; 0 if none was. */
    final long highest(Connection connection, String table, String resource) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(select(table))) {
            setResource(select, resource);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }
}
