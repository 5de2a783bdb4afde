package dev.holdfast.jepsen.verify;

import dev.holdfast.jepsen.workload.Workload;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/** A PostgreSQL of our own, for what the locks guard. */
final class Database implements AutoCloseable {
    private final EmbeddedPostgres postgres;

    private Database(EmbeddedPostgres postgres) {
        this.postgres = postgres;
    }

    /** Empty if none is published for this platform. */
    static Optional<Database> start() throws IOException {
        try {
            return Optional.of(new Database(EmbeddedPostgres.builder()
                    .setPGStartupWait(Duration.ofMinutes(1))
                    .start()));
        } catch (IllegalStateException e) {
            if (String.valueOf(e.getMessage()).contains("Missing embedded postgres binaries")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Its URL, with empty tables. */
    String emptied() throws SQLException {
        String url = postgres.getJdbcUrl("postgres", "postgres");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            Workload.prepareDatabase(url);
            statement.execute("TRUNCATE counter, holdfast_fence");
        }
        return url;
    }

    @Override
    public void close() throws IOException {
        postgres.close();
    }
}
