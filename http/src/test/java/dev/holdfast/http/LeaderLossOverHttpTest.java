package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.http.HttpCaller.Reply;
import dev.holdfast.node.HoldfastNode;
import dev.holdfast.node.LocalCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers see when the leader goes, and when the peer that they asked does. */
class LeaderLossOverHttpTest {
    @Test
    void a_wait_is_granted_by_the_next_leader_and_known_at_all_peers(@TempDir Path folder) throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3)) {
            HoldfastNode leader = cluster.leader();
            List<HoldfastNode> others =
                    cluster.nodes().stream().filter(each -> each != leader).toList();
            HoldfastHttp atLeader = HoldfastHttp.start(leader, new MetricRegistry(), "127.0.0.1", 0);
            HoldfastHttp one = HoldfastHttp.start(others.get(0), new MetricRegistry(), "127.0.0.1", 0);
            HoldfastHttp two = HoldfastHttp.start(others.get(1), new MetricRegistry(), "127.0.0.1", 0);
            try {
                HttpCaller caller = new HttpCaller(one, null);
                String first = caller.at(atLeader).open(600_000);
                long token = caller.at(atLeader)
                        .acquire(first, 1, "moved", "")
                        .as(200)
                        .number("token");
                String second = caller.open(600_000);
                CompletableFuture<Reply> waiting = caller.acquiring(second, 1, "moved", "\"waitMs\":600000");
                CompletableFuture<Reply> asked = caller.at(atLeader).acquiring(second, 1, "moved", "\"waitMs\":600000");
                await().atMost(HttpCaller.PATIENCE).until(() -> caller.waiters("moved") == 1);
                try (Events events = caller.at(two).events(second, null)) {
                    atLeader.close();
                    leader.close();
                    await().atMost(HttpCaller.PATIENCE)
                            .until(() -> others.stream().anyMatch(HoldfastNode::isLeader));

                    assertThat(repeated(() -> caller.release(first, 2, "moved", token))
                                    .number("remaining"))
                            .isZero();
                    Reply granted = waiting.get();
                    if (granted.status() != 200) {
                        granted = repeated(() -> caller.acquire(second, 1, "moved", "\"waitMs\":600000"));
                    }
                    assertThat(granted.number("token")).isGreaterThan(token);
                    assertThat(asked).as("its peer is gone").failsWithin(HttpCaller.PATIENCE);
                    Reply elsewhere = repeated(() -> caller.at(two).acquire(second, 1, "moved", "\"waitMs\":600000"));
                    assertThat(elsewhere.number("token")).isEqualTo(granted.number("token"));
                    assertThat(events.next("granted").data().get("token").getAsLong())
                            .isEqualTo(granted.number("token"));
                }
            } finally {
                List.of(atLeader, one, two).forEach(HoldfastHttp::close);
            }
        }
    }

    @Test
    @Tag("long")
    void without_a_leader_callers_are_told_to_come_again_and_streams_that_leases_may_be_over(@TempDir Path folder)
            throws Exception {
        try (LocalCluster cluster = LocalCluster.start(folder, 3)) {
            HoldfastNode left = cluster.follower();
            try (HoldfastHttp http = HoldfastHttp.start(left, new MetricRegistry(), "127.0.0.1", 0)) {
                HttpCaller caller = new HttpCaller(http, null);
                String session = caller.open(20_000);
                try (Events events = caller.events(session, null)) {
                    cluster.nodes().stream().filter(each -> each != left).forEach(HoldfastNode::close);
                    await().atMost(HttpCaller.PATIENCE).untilAsserted(() -> {
                        Reply beat = caller.heartbeat(session).as(503);
                        assertThat(beat.response().headers().firstValue("retry-after"))
                                .contains("1");
                    });
                    Events.Event suspect = events.next("suspect");
                    assertThat(suspect.data().get("silentMs").getAsLong()).isGreaterThanOrEqualTo(10_000);
                }
            }
        }
    }

    private interface Request {
        Reply send() throws Exception;
    }

    /** As a caller should. */
    private static Reply repeated(Request request) {
        Reply[] last = new Reply[1];
        await().atMost(HttpCaller.PATIENCE).until(() -> {
            last[0] = request.send();
            return last[0].status() < 500 && last[0].status() != 202;
        });
        return last[0].as(200);
    }
}
