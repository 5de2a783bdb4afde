package dev.holdfast.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.client.Lockable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LockKeysTest {
    private final LockKeys keys = new LockKeys("orders");

    private enum Colour {
        RED {
            @Override
            public String toString() {
                return "GREEN";
            }
        },
        GREEN
    }

    private String key(Object of) {
        return keys.of(of).key();
    }

    @Test
    void plain_keys_can_be_read_in_the_cluster() {
        assertThat(key("a")).isEqualTo("orders:a");
        assertThat(key(7L)).isEqualTo("orders:java.lang.Long:7");
        assertThat(key(TimeUnit.DAYS)).isEqualTo("orders:java.util.concurrent.TimeUnit:DAYS");
    }

    @Test
    void different_keys_are_never_one() {
        String surrogate = "\ud800";
        List<Object> different = new ArrayList<>(List.of(
                "",
                "a",
                "a:b",
                "a%3Ab",
                "1",
                1,
                1L,
                (short) 1,
                (byte) 1,
                '1',
                BigInteger.ONE,
                BigDecimal.ONE,
                new BigDecimal("1.0"),
                true,
                "true",
                new UUID(0, 1),
                new UUID(0, 1).toString(),
                Colour.RED,
                Colour.GREEN,
                "RED",
                "java.lang.Integer:1",
                "sha-256",
                "\n",
                "\r",
                surrogate,
                "\udc00",
                "\ufffd",
                "?",
                "x".repeat(2000),
                "x".repeat(2001),
                "é".repeat(1000),
                BigInteger.TEN.pow(2000),
                BigInteger.TEN.pow(2000).toString()));
        // The keys of those that are hashed are keys, too.
        different.stream()
                .map(each -> key(each).substring("orders:".length()))
                .filter(each -> each.startsWith("sha-256:"))
                .toList()
                .forEach(different::add);

        Set<String> made = new HashSet<>();
        different.forEach(each -> made.add(key(each)));
        assertThat(made).hasSameSizeAs(different).hasSizeGreaterThan(40);
    }

    @Test
    void equal_keys_are_one_also_in_another_process() {
        assertThat(new LockKeys("orders").of(new String("x".repeat(2000)))).isEqualTo(keys.of("x".repeat(2000)));
        assertThat(key(""))
                .isEqualTo("orders:sha-256:99a3cad29eed5590a57c48b7b7a162613c6225d45e167dfbcfb98597f5ce0b8f");
    }

    @Test
    void every_text_fits_into_a_key() {
        for (String each : List.of("", "\u0000", "x".repeat(1_000_000), "\ud83d".repeat(3))) {
            assertThat(key(each).length()).isLessThanOrEqualTo(Lockable.KEY_BYTES_MAX);
        }
    }

    @Test
    void keys_whose_text_may_not_tell_them_apart_are_refused() {
        for (Object each : List.of(new Object(), List.of("a", "b"), new StringBuilder("a"), 1.0)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> keys.of(each))
                    .withMessageContaining(each.getClass().getName())
                    .withMessageContaining("Pass a String");
        }
    }
}
