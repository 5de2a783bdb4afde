package dev.holdfast.node.internal.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.junit.jupiter.api.Test;

class ConnectionQuotaTest {
    private final ConnectionQuota quota = new ConnectionQuota(3, 2);

    private static SocketAddress from(String host, int port) {
        return new InetSocketAddress(host, port);
    }

    @Test
    void an_address_has_so_many_connections_whatever_its_ports() {
        assertThat(quota.enter(from("10.0.0.1", 1))).isTrue();
        assertThat(quota.enter(from("10.0.0.1", 2))).isTrue();
        assertThat(quota.enter(from("10.0.0.1", 3))).isFalse();

        quota.leave(from("10.0.0.1", 1));
        assertThat(quota.enter(from("10.0.0.1", 3))).isTrue();
        assertThat(quota.enter(from("10.0.0.1", 4))).isFalse();
    }

    @Test
    void all_addresses_have_so_many_together() {
        assertThat(quota.enter(from("10.0.0.1", 1))).isTrue();
        assertThat(quota.enter(from("10.0.0.2", 1))).isTrue();
        assertThat(quota.enter(from("10.0.0.3", 1))).isTrue();
        assertThat(quota.enter(from("10.0.0.4", 1))).isFalse();

        quota.leave(from("10.0.0.3", 1));
        assertThat(quota.enter(from("10.0.0.4", 1))).isTrue();
    }

    @Test
    void what_has_no_address_counts_among_all() {
        assertThat(quota.enter(null)).isTrue();
        assertThat(quota.enter(null)).isTrue();
        assertThat(quota.enter(null)).isTrue();
        assertThat(quota.enter(null)).isFalse();
        quota.leave(null);
        assertThat(quota.enter(from("10.0.0.1", 1))).isTrue();
    }
}
