package dev.holdfast.samples.ticks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three processes with a peer in each, and one database. */
@Tag("long")
class RollingRestartTest {
    private static final List<String> IDS = List.of("a", "b", "c");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path folder;

    private final List<Instance> instances = new ArrayList<>();
    private Server database;

    private record Run(long tick, long token, String instance) {}

    @AfterEach
    void stop() {
        instances.forEach(Instance::close);
        if (database != null) {
            database.stop();
        }
    }

    @Test
    void a_scheduled_job_runs_exactly_once_for_each_tick_through_a_rolling_restart() throws Exception {
        List<Integer> ports = FreePorts.find(10);
        database = Server.createTcpServer(
                        "-tcpPort", String.valueOf(ports.get(9)), "-ifNotExists", "-baseDir", folder.toString())
                .start();
        String url = "jdbc:h2:tcp://127.0.0.1:" + ports.get(9) + "/./ticks;DB_CLOSE_DELAY=-1";
        List<String> members = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            members.add(IDS.get(i) + "=127.0.0.1:" + ports.get(i) + ":" + ports.get(3 + i));
        }
        for (int i = 0; i < 3; i++) {
            instances.add(new Instance(folder, IDS.get(i), ports.get(6 + i), String.join(",", members), url));
        }
        for (Instance each : instances) {
            awaitReady(each);
        }
        awaitRuns(url, 3);
        for (Instance each : instances) {
            each.stop();
            awaitRuns(url, runs(url).size() + 2);
            each.start();
            awaitReady(each);
            awaitRuns(url, runs(url).size() + 2);
        }
        assertThat(complaints()).isEmpty();
        for (Instance each : instances) {
            each.stop();
        }

        List<Run> runs = runs(url);
        Set<String> who = new HashSet<>();
        for (int i = 0; i < runs.size(); i++) {
            Run run = runs.get(i);
            who.add(run.instance());
            if (i > 0) {
                Run before = runs.get(i - 1);
                assertThat(run.tick()).as("after %s; all: %s", before, runs).isEqualTo(before.tick() + 1);
                assertThat(run.token()).as("after %s; all: %s", before, runs).isGreaterThanOrEqualTo(before.token());
                if (!run.instance().equals(before.instance())) {
                    assertThat(run.token()).isGreaterThan(before.token());
                }
            }
        }
        assertThat(who).as("instances that ran the job").hasSizeGreaterThan(1);
    }

    /** What no instance may have logged while the cluster had a majority. */
    private List<String> complaints() throws IOException {
        List<String> complaints = new ArrayList<>();
        for (String id : IDS) {
            try (Stream<String> lines = Files.lines(folder.resolve(id + ".log"))) {
                lines.filter(line -> line.contains("StaleTokenException")
                                || line.contains("Unexpected error occurred in scheduled task"))
                        .forEach(complaints::add);
            }
        }
        return complaints;
    }

    private static void awaitReady(Instance instance) {
        Awaitility.await().atMost(PATIENCE).until(instance::isReady);
    }

    private static void awaitRuns(String url, int count) {
        Awaitility.await().atMost(PATIENCE).until(() -> runs(url).size() >= count);
    }

    private static List<Run> runs(String url) throws SQLException {
        List<Run> runs = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            try (ResultSet tables = connection.getMetaData().getTables(null, null, "RUNS", null)) {
                if (!tables.next()) {
                    return runs;
                }
            }
            try (ResultSet result = statement.executeQuery("SELECT tick, token, instance FROM runs ORDER BY id")) {
                while (result.next()) {
                    runs.add(new Run(result.getLong(1), result.getLong(2), result.getString(3)));
                }
            }
        }
        return runs;
    }
}
