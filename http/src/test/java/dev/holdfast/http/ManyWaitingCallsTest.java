package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.http.HttpCaller.Reply;
import dev.holdfast.node.HoldfastNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More calls that wait than a peer has threads, or lets connections of one address be idle. */
class ManyWaitingCallsTest {
    private static final int CALLS = 1_200;
    private static final int AT_A_TIME = 100;

    @Test
    void a_call_that_waits_takes_no_thread_and_all_are_granted(@TempDir Path folder) throws Exception {
        MetricRegistry registry = new MetricRegistry();
        try (HoldfastNode node = HoldfastNode.builder()
                        .dataFolder(folder)
                        .metrics(registry)
                        .start();
                HoldfastHttp http = HoldfastHttp.start(node, registry, "127.0.0.1", 0)) {
            assertThat(node.awaitReady(HttpCaller.PATIENCE)).isTrue();
            HttpCaller caller = new HttpCaller(http, null);
            String holder = caller.open(3_600_000);
            long token =
                    caller.post("/v1/lockable/acquire", all(holder)).as(200).number("token");

            List<CompletableFuture<Reply>> calls = new ArrayList<>();
            int threadsOfFew = 0;
            while (calls.size() < CALLS) {
                String session = caller.open(3_600_000);
                for (int i = 1; i <= AT_A_TIME; i++) {
                    calls.add(caller.posted("/v1/lockable/acquire", one(session, i, calls.size())));
                }
                await().atMost(HttpCaller.PATIENCE)
                        .until(() -> caller.get("/v1/lockable?kind=semaphore&key=many")
                                        .as(200)
                                        .number("waiterCount")
                                == calls.size());
                threadsOfFew = calls.size() == AT_A_TIME ? servers() : threadsOfFew;
            }
            assertThat(calls).noneMatch(CompletableFuture::isDone);
            assertThat(servers()).isLessThanOrEqualTo(12).isLessThan(threadsOfFew + 12);
            assertThat(caller.get("/v1/peer").as(200).number("groups"))
                    .as("others are served meanwhile")
                    .isEqualTo(1);

            caller.post(
                            "/v1/lockable/release",
                            "{\"session\":\"" + holder
                                    + "\",\"sequence\":2,\"kind\":\"semaphore\",\"key\":\"many\",\"token\":" + token
                                    + "}")
                    .as(200);
            Set<Long> tokens = new HashSet<>();
            for (CompletableFuture<Reply> each : calls) {
                tokens.add(each.get().as(200).number("token"));
            }
            assertThat(tokens).hasSize(CALLS).doesNotContain(token);
        }
    }

    @Test
    @Tag("long")
    void a_call_that_is_refused_or_answered_at_once_takes_nobodys_place(@TempDir Path folder) throws Exception {
        try (HoldfastNode node = HoldfastNode.builder().dataFolder(folder).start();
                HoldfastHttp http = HoldfastHttp.start(node, new MetricRegistry(), "127.0.0.1", 0)) {
            assertThat(node.awaitReady(HttpCaller.PATIENCE)).isTrue();
            HttpCaller caller = new HttpCaller(http, null);
            String session = caller.open(3_600_000);
            caller.acquire(session, 1, "place", "").as(200);
            // Of each more than may wait of one caller.
            for (String more : List.of("\"acknowledgedEvents\":\"x\"", "\"waitMs\":1000")) {
                for (int sent = 0; sent < 2_600; sent += AT_A_TIME) {
                    List<CompletableFuture<Reply>> calls = new ArrayList<>();
                    for (int i = 0; i < AT_A_TIME; i++) {
                        calls.add(caller.acquiring(session, 1, "place", more));
                    }
                    for (CompletableFuture<Reply> each : calls) {
                        assertThat(each.get().status()).isIn(200, 400);
                    }
                }
            }
        }
    }

    private static String all(String session) {
        return "{\"session\":\"" + session + "\",\"sequence\":1,\"kind\":\"semaphore\",\"key\":\"many\",\"permits\":"
                + CALLS + ",\"limit\":" + CALLS + "}";
    }

    private static String one(String session, int sequence, int owner) {
        return "{\"session\":\"" + session + "\",\"sequence\":" + sequence
                + ",\"kind\":\"semaphore\",\"key\":\"many\",\"owner\":{\"type\":\"caller\",\"id\":\"" + owner
                + "\"},\"limit\":" + CALLS + ",\"waitMs\":600000}";
    }

    /** Threads of the server, and those that answer for it. */
    private static int servers() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().startsWith("holdfast-http"))
                .count();
    }
}
