package dev.holdfast.node.internal.port;

import static dev.holdfast.node.internal.port.PortFixture.CLUSTER;
import static dev.holdfast.node.internal.port.PortFixture.SESSION;
import static dev.holdfast.node.internal.port.PortFixture.get;
import static dev.holdfast.node.internal.port.PortFixture.options;
import static dev.holdfast.node.internal.port.PortFixture.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.RemotePeers;
import dev.holdfast.client.transport.Transport;
import dev.holdfast.node.support.Http2Socket;
import dev.holdfast.protocol.KeepAliveReply;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sockets that cost more than they are good for, beside a client that notices nothing. */
class PlainSocketsTest {
    private static final int FLOOD = 100_000;
    private static final int MORE_THAN_SOCKETS_BUFFER = 4_000_000;

    @RegisterExtension
    final PortFixture fixture = new PortFixture();

    private PortFixture.Peer peer;
    private Transport other;

    private void start(UnaryOperator<PortLimits> limits) {
        peer = fixture.peer("a", CLUSTER, limits);
        other = fixture.closing(RemotePeers.peer(peer.address(), options(), fixture.timers));
        get(other.keepAlive(SESSION));
    }

    @AfterEach
    void the_other_client_noticed_nothing() {
        assertThat(get(other.keepAlive(SESSION))).isEqualTo(new KeepAliveReply.Alive(42));
    }

    private Http2Socket greeted() throws IOException {
        return fixture.closing(Http2Socket.greeted(peer.port.port()));
    }

    @Test
    void a_socket_that_does_not_begin_to_speak_is_closed() throws Exception {
        start(limits -> limits.withHandshakeTimeout(Duration.ofMillis(100)));
        Http2Socket silent = fixture.closing(new Http2Socket(peer.port.port()));
        Http2Socket hesitant = fixture.closing(new Http2Socket(peer.port.port()));
        hesitant.beginPreface(20);

        silent.awaitEnd();
        hesitant.awaitEnd();
    }

    @Test
    void more_sockets_from_one_address_than_are_allowed_are_closed_until_others_are() throws Exception {
        start(limits -> limits.withSocketsPerAddressMax(3));
        Http2Socket first = greeted();
        Http2Socket second = greeted();
        assertThat(first.isServed()).isTrue();
        assertThat(second.isServed()).isTrue();

        assertThat(greeted().isServed()).isFalse();

        first.close();
        soon().until(() -> greeted().isServed());
    }

    @Test
    void rapid_resets_end_the_connection() throws Exception {
        start(limits -> limits);
        Http2Socket rapid = greeted();

        rapid.beginAndReset(FLOOD);

        rapid.awaitEnd();
    }

    @Test
    void a_flood_of_pings_ends_the_connection() throws Exception {
        start(limits -> limits);
        Http2Socket flooding = greeted();

        flooding.ping(FLOOD);

        flooding.awaitEnd();
    }

    /** Each is to be answered. What nobody reads would be kept in memory. */
    @Test
    void a_flood_of_settings_whose_answers_nobody_reads_ends_the_connection() throws Exception {
        start(limits -> limits);
        Http2Socket flooding = greeted();

        assertThat(flooding.settings(MORE_THAN_SOCKETS_BUFFER)).isLessThan(MORE_THAN_SOCKETS_BUFFER);
    }
}
