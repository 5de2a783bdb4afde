package dev.holdfast.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.client.errors.LockableParamsException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockableDefinitionTest {
    private static final String UNPAIRED_SURROGATE = "a\ud800b";

    private final LockableDefinition singular = Holdfast.createLockable("nightly-report");
    private final LockableDefinition plural = Holdfast.createLockable("order", LockableOptions.plural());
    private final LockableDefinition prefixed =
            Holdfast.createLockable("order", LockableOptions.plural().prefix("app"));

    @Test
    void keys_of_plain_parts_are_the_parts_joined() {
        assertThat(singular.of().key()).isEqualTo("nightly-report");
        assertThat(singular.of().name()).isEqualTo("nightly-report");
        assertThat(plural.of("ord1").key()).isEqualTo("order:ord1");
        assertThat(prefixed.of("ord1").key()).isEqualTo("app:order:ord1");
        assertThat(Holdfast.createLockable("cron", LockableOptions.singular().prefix("app"))
                        .of()
                        .key())
                .isEqualTo("app:cron");
    }

    @Test
    void a_map_is_written_in_the_order_of_its_keys() {
        Map<String, String> params = new LinkedHashMap<>();
        params.put("orgId", "o1");
        params.put("id", "ord1");
        assertThat(prefixed.of(params).key()).isEqualTo("app:order:id:ord1:orgId:o1");
    }

    @Test
    void a_singular_lockable_takes_no_params() {
        assertThatExceptionOfType(LockableParamsException.class)
                .isThrownBy(() -> singular.of("x"))
                .satisfies(e -> assertThat(e.lockableName()).isEqualTo("nightly-report"))
                .satisfies(e -> assertThat(e.reason().wire()).isEqualTo("singular_with_params"));
        assertThatThrownBy(() -> singular.of(Map.of("a", "b"))).isInstanceOf(LockableParamsException.class);
    }

    @Test
    void a_plural_lockable_needs_params() {
        assertThatExceptionOfType(LockableParamsException.class)
                .isThrownBy(plural::of)
                .satisfies(e -> assertThat(e.reason().wire()).isEqualTo("plural_without_params"));
        assertThatThrownBy(() -> plural.of("")).isInstanceOf(LockableParamsException.class);
        assertThatThrownBy(() -> plural.of((String) null)).isInstanceOf(LockableParamsException.class);
        assertThatThrownBy(() -> plural.of(Map.of())).isInstanceOf(LockableParamsException.class);
        assertThatThrownBy(() -> plural.of((Map<String, String>) null)).isInstanceOf(LockableParamsException.class);
    }

    @Test
    void parts_with_the_separator_are_escaped() {
        assertThat(plural.of("a:b").key()).isEqualTo("order:a%3Ab");
        assertThat(plural.of("a%3Ab").key()).isEqualTo("order:a%253Ab");
        assertThat(plural.of(Map.of("a", "b")).key())
                .isNotEqualTo(plural.of("a:b").key());
        assertThat(plural.of("a:b").parts()).containsExactly("order", "a:b");
    }

    @Test
    void any_parts_come_back_from_their_key_and_no_two_share_one() {
        Random random = new Random(42);
        String alphabet = "ab:%3A25é€\ud83d\ude00 ";
        Map<String, List<String>> byKey = new HashMap<>();
        for (int run = 0; run < 20_000; run++) {
            List<String> parts = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                parts.add(randomPart(random, alphabet));
            }
            String key = LockableKeys.join(parts);
            assertThat(LockableKeys.split(key)).isEqualTo(parts);
            assertThat(byKey.computeIfAbsent(key, absent -> parts)).isEqualTo(parts);
        }
    }

    private static String randomPart(Random random, String alphabet) {
        int[] codePoints = alphabet.codePoints().toArray();
        StringBuilder part = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
            part.appendCodePoint(codePoints[random.nextInt(codePoints.length)]);
        }
        return part.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "a::b", "a:", ":a", "a%", "a%3", "a%3a", "a%20", "%2:5"})
    void what_no_parts_make_is_no_key(String key) {
        assertThatThrownBy(() -> LockableKeys.split(key)).isInstanceOf(LockRequestRejectedException.class);
    }

    @Test
    void a_key_is_parsed_by_its_own_definition_only() {
        assertThat(prefixed.parse("app:order:id:ord1")).contains(List.of("id", "ord1"));
        assertThat(prefixed.parse(prefixed.of("x:y").key())).contains(List.of("x:y"));
        assertThat(prefixed.parse("app:invoice:1")).isEmpty();
        assertThat(prefixed.parse("app:order")).isEmpty();
        assertThat(singular.parse("nightly-report")).contains(List.of());
        assertThat(singular.parse("nightly-report:1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tab\t", "nul\u0000", "del\u007f", UNPAIRED_SURROGATE, "\udc00", "end\ud800"})
    void names_that_could_be_mistaken_are_rejected(String name) {
        assertRejected(() -> Holdfast.createLockable(name), Reason.INVALID);
        assertRejected(() -> LockableOptions.plural().prefix(name), Reason.INVALID);
        assertRejected(() -> plural.of(Map.of("k", name)), Reason.INVALID);
        assertRejected(() -> plural.of(Map.of(name, "v")), Reason.INVALID);
    }

    @Test
    void a_param_with_a_control_character_is_rejected() {
        assertRejected(() -> plural.of("a\nb"), Reason.INVALID);
        assertRejected(() -> plural.of(UNPAIRED_SURROGATE), Reason.INVALID);
    }

    @Test
    void the_length_of_a_key_is_counted_in_utf8_after_escaping() {
        String longest = "€".repeat((1024 - "order:".length()) / 3);
        assertThat(plural.of(longest).key()).hasSize("order:".length() + longest.length());
        assertRejected(() -> plural.of(longest + "€"), Reason.TOO_LONG);
        assertRejected(() -> plural.of(":".repeat(400)), Reason.TOO_LONG);
        assertRejected(() -> Holdfast.createLockable("n".repeat(1025)), Reason.TOO_LONG);
    }

    private static void assertRejected(ThrowingCallable action, Reason reason) {
        assertThatExceptionOfType(LockRequestRejectedException.class)
                .isThrownBy(action)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
