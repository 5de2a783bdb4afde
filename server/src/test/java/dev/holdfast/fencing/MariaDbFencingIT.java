package dev.holdfast.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.holdfast.node.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** On a server of its own; skipped where MariaDB is not installed ({@code mariadb-server-core} and {@code mariadb-client-core} in Debian). */
@Tag("long")
class MariaDbFencingIT extends DatabaseFencing {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private @Nullable Process server;
    private String url = "";

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        Path install = program("mariadb-install-db");
        Path daemon = program("mariadbd");
        // The installation needs it.
        var unused = program("my_print_defaults");
        String user = System.getProperty("user.name");
        Path data = folder.resolve("data");
        Process installation = start(
                folder.resolve("install.log"),
                install,
                "--no-defaults",
                "--datadir=" + data,
                "--user=" + user,
                "--skip-test-db",
                "--auth-root-authentication-method=normal");
        assertThat(installation.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(installation.exitValue())
                .describedAs(Files.readString(folder.resolve("install.log")))
                .isZero();
        int port = FreePorts.find(1).get(0);
        Path log = folder.resolve("server.log");
        Process started = start(
                log,
                daemon,
                "--no-defaults",
                "--datadir=" + data,
                "--user=" + user,
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--socket=" + folder.resolve("socket"),
                "--pid-file=" + folder.resolve("pid"),
                "--innodb-buffer-pool-size=16M");
        server = started;
        String address = "jdbc:mariadb://127.0.0.1:" + port + "/";
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(started.isAlive()).describedAs(Files.readString(log)).isTrue();
            try (Connection connection = DriverManager.getConnection(address + "?user=root")) {
                connection.createStatement().execute("CREATE DATABASE IF NOT EXISTS accounts");
            } catch (SQLException e) {
                throw new AssertionError(Files.readString(log), e);
            }
        });
        url = address + "accounts?user=root";
    }

    private static Process start(Path log, Path program, String... arguments) throws IOException {
        List<String> command = Stream.concat(Stream.of(program.toString()), Stream.of(arguments))
                .toList();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static Path program(String name) {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseGet(() -> {
                    System.out.println("SKIPPED MariaDbFencingIT: MariaDB: there is no " + name);
                    return abort("there is no " + name);
                });
    }

    @AfterAll
    void stop() throws InterruptedException {
        Process running = server;
        if (running != null) {
            running.destroy();
            if (!running.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        }
    }

    @Override
    String url() {
        return url;
    }
}
