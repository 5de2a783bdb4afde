package dev.holdfast.node.internal.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.node.internal.port.QuietLogs;
import dev.holdfast.node.support.Http2Socket;
import dev.holdfast.node.support.RawClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.apache.ratis.thirdparty.io.grpc.Server;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RaftPortGuardTest {
    private Server server;

    @BeforeEach
    void start() throws Exception {
        QuietLogs.quieten();
        RaftPortGuard guard = new RaftPortGuard(100, 2, Duration.ofMillis(300), 1000);
        server = guard.guard(NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0)))
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    @Test
    void a_socket_that_does_not_begin_to_speak_is_closed() throws Exception {
        try (Http2Socket silent = new Http2Socket(server.getPort())) {
            silent.awaitEnd();
        }
    }

    @Test
    void more_sockets_from_one_address_than_are_allowed_are_closed_until_others_are() throws Exception {
        Http2Socket first = Http2Socket.greeted(server.getPort());
        try (Http2Socket second = Http2Socket.greeted(server.getPort());
                Http2Socket surplus = Http2Socket.greeted(server.getPort())) {
            assertThat(first.isServed()).isTrue();
            assertThat(second.isServed()).isTrue();
            assertThat(surplus.isServed()).isFalse();
            first.close();
            await().atMost(RawClient.PATIENCE).until(() -> {
                try (Http2Socket another = Http2Socket.greeted(server.getPort())) {
                    return another.isServed();
                }
            });
        }
    }

    @Test
    void rapid_resets_end_the_connection() throws Exception {
        try (Http2Socket rapid = Http2Socket.greeted(server.getPort())) {
            rapid.beginAndReset(100_000);
            rapid.awaitEnd();
        }
    }

    @Test
    void a_flood_of_pings_ends_the_connection() throws Exception {
        try (Http2Socket flooding = Http2Socket.greeted(server.getPort())) {
            flooding.ping(100_000);
            flooding.awaitEnd();
        }
    }
}
