package dev.holdfast.node.internal.leadership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.internal.leadership.PeerProbe.Greeting;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.thirdparty.io.grpc.Server;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeerProbeTest {
    private static final Greeting MINE = new Greeting(UUID.randomUUID(), 1, 2);
    private static final Greeting ANOTHER = new Greeting(UUID.randomUUID(), 3, 4);

    @ParameterizedTest
    @ValueSource(strings = {"::1:7101", "no_such_host:7101", ""})
    void an_address_that_cannot_be_used_is_one_that_does_not_answer(String address) {
        try (PeerProbe probe = new PeerProbe()) {
            assertThat(probe.greet(address, MINE)).failsWithin(Duration.ofMinutes(1));
            assertThat(probe.missLeader(address, MINE)).failsWithin(Duration.ofMinutes(1));
        }
    }

    @RepeatedTest(20)
    void a_peer_that_stops_because_of_a_greeting_answers_it_first() throws Exception {
        AtomicReference<Server> server = new AtomicReference<>();
        PeerProbe.Host stopping = new PeerProbe.Host() {
            @Override
            public Greeting greeting(Greeting from) {
                return ANOTHER;
            }

            @Override
            public void greeted(Greeting from) {
                server.get().shutdownNow();
            }

            @Override
            public boolean missesLeader(Greeting from) {
                return false;
            }
        };
        server.set(NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(PeerProbe.service(stopping))
                .build()
                .start());
        try (PeerProbe probe = new PeerProbe()) {
            assertThat(probe.greet("127.0.0.1:" + server.get().getPort(), MINE).get(1, TimeUnit.MINUTES))
                    .isEqualTo(ANOTHER);
        } finally {
            server.get().shutdownNow();
        }
    }
}
