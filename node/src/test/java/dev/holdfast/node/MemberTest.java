package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemberTest {

    @Test
    void a_member_is_read_from_its_text() {
        assertThat(Member.parse("a=10.0.0.1:7101:7201")).isEqualTo(new Member("a", "10.0.0.1", 7101, 7201));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=10.0.0.1:7101:7201", "node-1.eu_x=locks.example.org:1:65535", "b=[::1]:7101:7201"})
    void its_text_reads_back(String text) {
        assertThat(Member.parse(text)).hasToString(text);
        assertThat(Member.parse(Member.parse(text).toString())).isEqualTo(Member.parse(text));
    }

    @Test
    void an_ipv6_host_stands_in_brackets() {
        assertThat(Member.parse("a=[fe80::1]:1:2").host()).isEqualTo("fe80::1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "a=host",
                "a=host:1",
                "a=:1:2",
                "a=host:1:2:x",
                "a=my_host:1:2",
                "a=256.1.1.1:1:2",
                "a=b\u00fccher.example:1:2",
                "a=host:x:2",
                "=host:1:2",
                "a b=host:1:2",
                "a=host:0:2",
                "a=host:1:65536",
                "a=host:1:99999",
                "a=host:-1:2",
                "a= :1:2",
                "a=host:7:7"
            })
    void anything_else_is_refused_with_the_text_or_the_id_in_the_message(String text) {
        assertThatThrownBy(() -> Member.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("member");
    }

    @Test
    void an_id_is_at_most_64_characters() {
        assertThat(new Member("a".repeat(64), "h", 1, 2).id()).hasSize(64);
        assertThatThrownBy(() -> new Member("a".repeat(65), "h", 1, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                | a=h:1:2
            0.0.0.0           | a=0.0.0.0:1:2
            [::]              | a=[::]:1:2
            other.example     | a=other.example:1:2
            0.0.0.0:3:4       | a=0.0.0.0:3:4
            [::1]:3:4         | a=[::1]:3:4
            """)
    void a_member_may_listen_elsewhere(String place, String there) {
        assertThat(new Member("a", "h", 1, 2).at(place)).hasToString(there);
    }

    @ParameterizedTest
    @ValueSource(strings = {"::", "::1", "::1:3:4", "host:3", "host:3:3", "host:3:0", ":3:4", "my_host", "h i", "[]"})
    void a_place_that_is_none_is_refused(String place) {
        Member member = new Member("a", "h", 1, 2);
        assertThatThrownBy(() -> member.at(place)).isInstanceOf(IllegalArgumentException.class);
    }
}
