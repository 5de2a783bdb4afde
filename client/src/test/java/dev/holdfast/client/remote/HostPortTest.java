package dev.holdfast.client.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.InvalidAddressException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostPortTest {
    @Test
    void names_and_addresses_are_read() {
        assertThat(HostPort.parse("db.example:7201")).isEqualTo(new HostPort("db.example", 7201));
        assertThat(HostPort.parse("10.0.0.1:1")).isEqualTo(new HostPort("10.0.0.1", 1));
        assertThat(HostPort.parse("[2001:db8::1]:65535")).isEqualTo(new HostPort("2001:db8::1", 65_535));
        assertThat(HostPort.parse("[fe80::1%eth0]:80")).isEqualTo(new HostPort("fe80::1%eth0", 80));
    }

    @Test
    void a_list_is_read_in_its_order_and_each_address_once() {
        assertThat(HostPort.parseList("a:1, b:2,[::1]:3,a:1"))
                .containsExactly(new HostPort("a", 1), new HostPort("b", 2), new HostPort("::1", 3));
    }

    @Test
    void what_cannot_be_connected_to_is_called_by_its_name() {
        assertThatThrownBy(() -> HostPort.parseList("db1:7201,my_host:7201"))
                .isInstanceOf(InvalidAddressException.class)
                .hasMessageContaining("'my_host'")
                .hasMessageContaining("letters, digits, '-' and '.'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ",", "a:1,", "a:1,,b:2", "a:1;b:2", "a:1,b"})
    void a_list_with_anything_else_in_it_is_refused(String text) {
        assertThatThrownBy(() -> HostPort.parseList(text)).isInstanceOf(InvalidAddressException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"db.example:7201", "10.0.0.1:1", "[::1]:7201"})
    void what_is_written_can_be_read(String text) {
        assertThat(HostPort.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "host",
                "host:",
                ":7201",
                "host:0",
                "host:65536",
                "host:-1",
                "host:+1",
                "host:1x",
                "host:\u0661",
                "host:999999999999",
                "::1:7201",
                "[::1]",
                "[]:1",
                "[::1:7201",
                "http://host:80",
                "user@host:80",
                "a host:80",
                "host/:80",
                "host?:80",
                "host#x:80",
                "my_host:7201",
                "node_a.default:7201",
                "b\u00fccher.example:7201",
                "-a:80",
                "a-:80",
                "a..b:80",
                ".a:80",
                "256.1.1.1:80",
                "1.2.3:80",
                "*:80",
                "a%20b:80",
                "[:::1]:80",
                "[a:b]:80",
                "[[::1]]:80",
                "<a>:80",
                "a'b:80",
                "host\n:80"
            })
    void anything_else_is_an_invalid_address(String text) {
        assertThatThrownBy(() -> HostPort.parse(text)).isInstanceOf(InvalidAddressException.class);
    }
}
