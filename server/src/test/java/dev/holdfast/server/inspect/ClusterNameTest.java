package dev.holdfast.server.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.server.CommandRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The name of the cluster, as the commands show and expect it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterNameTest {
    private HoldfastNode node;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        node = HoldfastNode.builder().clusterName("prod").dataFolder(folder).start();
        assertThat(node.awaitReady(Duration.ofMinutes(1))).isTrue();
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private String address() {
        return node.member().host() + ":" + node.member().clientPort();
    }

    private CommandRun run(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command, "--servers", address(), "--timeout", "2m"));
        arguments.addAll(Arrays.asList(more));
        return CommandRun.of(arguments.toArray());
    }

    @Test
    void status_shows_the_name_of_the_cluster() {
        assertThat(run("status", "--cluster", "prod").ended(0).out().get(0))
                .startsWith("cluster 'prod' (" + node.clusterId() + "), ");
        assertThat(JsonParser.parseString(run("status", "--json").ended(0).outLine())
                        .getAsJsonObject()
                        .get("name")
                        .getAsString())
                .isEqualTo("prod");
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "locks", "sessions"})
    void a_cluster_of_another_name_is_refused(String command) {
        assertThat(run(command, "--cluster", "test").ended(2).errLine()).contains(address(), "'prod'", "test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"locks", "sessions"})
    void the_cluster_that_is_named_is_asked(String command) {
        run(command, "--cluster", "prod").ended(0);
        run(command).ended(0);
    }
}
