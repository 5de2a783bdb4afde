package dev.holdfast.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.codahale.metrics.MetricRegistry;
import dev.holdfast.http.HttpCaller.Reply;
import dev.holdfast.node.HoldfastNode;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams of many events, for readers of all kinds. */
class EventStreamTest {
    private static final int AT_A_TIME = 100;

    private HoldfastNode node;
    private HoldfastHttp http;
    private HttpCaller caller;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        node = HoldfastNode.builder().dataFolder(folder).start();
        http = HoldfastHttp.start(node, new MetricRegistry(), "127.0.0.1", 0);
        assertThat(node.awaitReady(HttpCaller.PATIENCE)).isTrue();
        caller = new HttpCaller(http, null);
    }

    @AfterEach
    void stop() {
        http.close();
        node.close();
    }

    /** Each of these is lost a moment after it was granted. */
    private void lose(String session, int count, String key) throws Exception {
        for (int done = 0; done < count; done += AT_A_TIME) {
            List<CompletableFuture<Reply>> calls = new ArrayList<>();
            for (int i = done + 1; i <= Math.min(count, done + AT_A_TIME); i++) {
                calls.add(caller.acquiring(session, i, key + i, "\"ttlMs\":1"));
            }
            for (CompletableFuture<Reply> each : calls) {
                // It may be over before that could be said.
                assertThat(each.get().status()).isIn(200, 409);
            }
        }
    }

    @Test
    void who_reads_gets_all_that_waits_once_and_in_order() throws Exception {
        String session = caller.open(3_600_000);
        lose(session, 700, "lost/");
        try (Events events = caller.events(session, null)) {
            for (int i = 1; i <= 700; i++) {
                assertThat(events.next("lost").id()).isEqualTo(String.valueOf(i));
            }
        }
        try (Events events = caller.events(session, "650")) {
            assertThat(events.next("lost").id()).isEqualTo("651");
        }
        Reply beat = caller.heartbeat(session).as(200);
        assertThat(beat.json().getAsJsonArray("lost")).hasSizeLessThanOrEqualTo(256);
        assertThat(beat.text("events")).isEqualTo("256");
        assertThat(beat.text("more")).isEqualTo("true");
        Reply last = caller.post("/v1/sessions/heartbeat", "{\"session\":\"" + session + "\",\"after\":\"690\"}")
                .as(200);
        assertThat(last.json().getAsJsonArray("lost")).hasSize(10);
        assertThat(last.text("more")).isEqualTo("false");
    }

    @Test
    @Tag("long")
    void who_reads_nothing_is_cut_off_and_can_go_on_behind_what_was_read() throws Exception {
        String session = caller.open(3_600_000);
        lose(session, 6_000, "l".repeat(1_000));
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4_096);
            socket.connect(new InetSocketAddress("127.0.0.1", http.port()));
            socket.getOutputStream()
                    .write(("GET /v1/sessions/events?session=" + session + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
            await().atMost(HttpCaller.PATIENCE).until(() -> isClosedByPeer(socket));
        }
        try (Events events = caller.events(session, "5999")) {
            assertThat(events.next("lost").id()).isEqualTo("6000");
        }
    }

    /** What was not read stays in the way of the end, but nothing can be written to a connection that was reset. */
    private static boolean isClosedByPeer(Socket socket) throws Exception {
        try {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            return false;
        } catch (SocketException e) {
            return true;
        }
    }
}
