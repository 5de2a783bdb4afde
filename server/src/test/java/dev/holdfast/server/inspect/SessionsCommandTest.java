package dev.holdfast.server.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.ClientOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.Lockable;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.server.CommandRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which sessions are listed, and what becomes of one that is closed. */
class SessionsCommandTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private String address;

    private List<String> sessions(String... more) {
        List<String> arguments = new ArrayList<>(List.of("sessions", "--servers", address, "--timeout", "2m"));
        arguments.addAll(Arrays.asList(more));
        return CommandRun.of(arguments.toArray()).ended(0).out();
    }

    private CommandRun close(String... more) {
        List<String> arguments = new ArrayList<>(List.of("close-session", "--servers", address, "--timeout", "2m"));
        arguments.addAll(Arrays.asList(more));
        return CommandRun.of(arguments.toArray());
    }

    private HoldfastClient client(String name) {
        return Holdfast.connect(
                address,
                ClientOptions.defaults().name(name).sessionLease(PATIENCE).requestTimeout(PATIENCE));
    }

    @Test
    void idle_sessions_hold_nothing_and_wait_for_nothing_and_can_be_closed(@TempDir Path folder) throws Exception {
        try (HoldfastNode node = HoldfastNode.builder().dataFolder(folder).start()) {
            assertThat(node.awaitReady(PATIENCE)).isTrue();
            address = node.member().host() + ":" + node.member().clientPort();
            try (HoldfastClient busy = client("busy");
                    HoldfastClient idle = client("idle")) {
                busy.createLock().hold(busy.processOwner(), new Lockable("thing", "a"), AcquireOptions.defaults());
                idle.createLock()
                        .hold(idle.processOwner(), new Lockable("thing", "b"), AcquireOptions.defaults())
                        .release();

                assertThat(String.join("\n", sessions())).contains("busy", "idle");
                assertThat(String.join("\n", sessions("--idle", "0")))
                        .contains("idle")
                        .doesNotContain("busy");
                assertThat(String.join("\n", sessions("--idle", "1h"))).doesNotContain("busy", "idle");

                String id = sessions("--idle", "0").get(1).split(" ")[0];
                close(id, "--yes").ended(0);
                assertThat(String.join("\n", sessions())).contains("busy").doesNotContain("idle");
                assertThat(close(id, "--yes").ended(1).errLine()).contains("there is no session " + id);
            }
        }
    }
}
