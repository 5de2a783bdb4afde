package dev.holdfast.client.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.client.v1.MemberAddressesProto;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MembersCodecTest {
    private static List<HostPort> hosts(int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> new HostPort("h" + i, 7201))
                .toList();
    }

    @Test
    void addresses_read_back() {
        List<HostPort> addresses = List.of(new HostPort("db1.example", 7201), new HostPort("fe80::1", 7202));
        assertThat(MembersCodec.decode(MembersCodec.encode(addresses))).isEqualTo(addresses);
    }

    @Test
    void what_is_no_address_is_left_out_and_so_is_what_is_repeated() {
        MemberAddressesProto garbage = MemberAddressesProto.newBuilder()
                .addClientAddresses("")
                .addClientAddresses("a:7201")
                .addClientAddresses("a:0")
                .addClientAddresses("http://a:7201/")
                .addClientAddresses("a:7201")
                .addClientAddresses("x".repeat(100_000) + ":1:2")
                .addClientAddresses("::1:7201")
                .build();
        assertThat(MembersCodec.decode(garbage)).containsExactly(new HostPort("a", 7201));
    }

    @Test
    void neither_end_has_more_than_the_bound() {
        assertThat(MembersCodec.encode(hosts(1000)).getClientAddressesCount()).isEqualTo(WireLimits.MEMBERS_MAX);
        MemberAddressesProto many = MemberAddressesProto.newBuilder()
                .addAllClientAddresses(
                        hosts(1000).stream().map(HostPort::toString).toList())
                .build();
        assertThat(MembersCodec.decode(many)).isEqualTo(hosts(WireLimits.MEMBERS_MAX));
    }
}
