package dev.holdfast.client.fencing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FencingTokenTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"order", "app:order:id:ord1", "a b;c=d,e\"f", "größe\u20ac\ud83d\ude00", "\ufffd", "100%", "+"})
    void what_a_header_carries_arrives(String resource) {
        FencingToken sent = new FencingToken(resource, Long.MAX_VALUE);
        assertThat(sent.headerValue()).matches("[!-~]+");
        assertThat(FencingToken.parse(sent.headerValue())).isEqualTo(sent);
        assertThat(FencingToken.from(Map.of(FencingToken.HEADER, sent.headerValue())::get))
                .contains(sent);
    }

    @Test
    void the_format_is_this_one() {
        assertThat(new FencingToken("order:7", 42).headerValue()).isEqualTo("42;resource=order%3A7");
        assertThat(FencingToken.parse(" 42; resource=order:7 ")).isEqualTo(new FencingToken("order:7", 42));
    }

    @Test
    void no_header_is_no_token() {
        assertThat(FencingToken.from(name -> null)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "42",
                "42;",
                "42;resource=",
                "0;resource=a",
                "-1;resource=a",
                "+1;resource=a",
                "9223372036854775808;resource=a",
                "99999999999999999999999;resource=a",
                "1.0;resource=a",
                "\u0661;resource=a",
                "42;resource=a%",
                "42;resource=a%zz",
                "42;resource=%00",
                "42;resource=%ff",
                "42;resource=a b",
                "42;resource=a;resource=b",
                "42;resource=a, 43;resource=a",
                "42;Resource=a",
                "resource=a;42"
            })
    void anything_else_is_refused_in_words(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FencingToken.parse(value))
                .withMessageContaining(FencingToken.HEADER);
    }

    @Test
    void a_long_header_is_not_repeated_in_full() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FencingToken.parse("x".repeat(1_000_000)))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\u0000", "\u0085", "\ud800"})
    void a_resource_that_not_everything_can_carry_is_refused(String resource) {
        assertThatIllegalArgumentException().isThrownBy(() -> new FencingToken(resource, 1));
    }

    @Test
    void the_length_of_a_resource_has_a_bound() {
        assertThat(new FencingToken("\u20ac".repeat(341), 1).token()).isEqualTo(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new FencingToken("\u20ac".repeat(342), 1));
    }
}
