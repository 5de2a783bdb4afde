package dev.holdfast.fencing;

import static org.junit.jupiter.api.Assumptions.abort;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

@Tag("long")
class PostgresFencingIT extends DatabaseFencing {
    private EmbeddedPostgres postgres;

    @BeforeAll
    void start() throws Exception {
        postgres = startPostgres();
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

    @Override
    String url() {
        return postgres.getJdbcUrl("postgres", "postgres");
    }
}
