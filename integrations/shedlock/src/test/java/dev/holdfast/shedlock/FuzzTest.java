package dev.holdfast.shedlock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.node.LocalCluster;
import dev.holdfast.testkit.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As ShedLock's own fuzz test: what several processes count under its locks misses nothing. */
class FuzzTest {
    @Test
    void counters_under_locks_miss_no_increment() throws Exception {
        inMemory(5);
    }

    @Test
    @Tag("long")
    void counters_under_locks_miss_no_increment_in_many_rounds() throws Exception {
        inMemory(100);
    }

    private static void inMemory(int rounds) throws Exception {
        try (TestCluster cluster = TestCluster.start();
                Fuzz fuzz = new Fuzz(rounds, Jobs.AT_MOST)) {
            fuzz.start(
                    List.of(new HoldfastLockProvider(cluster.client()), new HoldfastLockProvider(cluster.newClient())));
            fuzz.awaitEnd();
        }
    }

    @Test
    @Tag("long")
    void counters_under_locks_miss_no_increment_while_the_leading_peer_goes(@TempDir Path folder) throws Exception {
        try (LocalCluster peers = LocalCluster.start(folder, 3);
                HoldfastClient one = Holdfast.connect(peers.servers());
                HoldfastClient two = Holdfast.connect(peers.servers());
                Fuzz fuzz = new Fuzz(50, Duration.ofSeconds(30))) {
            fuzz.start(List.of(new HoldfastLockProvider(one), new HoldfastLockProvider(two)));
            await().atMost(Duration.ofMinutes(2)).until(() -> fuzz.runs() >= 40);

            peers.leader().close();

            fuzz.awaitEnd();
            assertThat(fuzz.runs()).isEqualTo(400);
        }
    }
}
