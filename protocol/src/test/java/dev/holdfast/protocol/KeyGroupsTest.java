package dev.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyGroupsTest {
    /** A key never changes its group: no release may look for it elsewhere. */
    @Test
    void keys_stay_in_their_group() {
        // CRC-32C of "123456789" is 0xe3069283, as published with the polynomial.
        assertThat(KeyGroups.of("123456789", 64)).isEqualTo((int) (0xe3069283L % 64));
        assertThat(KeyGroups.of("123456789", 3)).isEqualTo((int) (0xe3069283L % 3));
        assertThat(KeyGroups.of("", 7)).isZero();
        assertThat(KeyGroups.of("\u00e9t\u00e9", 5))
                .isEqualTo(KeyGroups.of("\u00e9t\u00e9", 5))
                .isBetween(0, 4);
    }

    @Test
    void a_single_group_has_all_keys() {
        assertThat(KeyGroups.of("anything", 1)).isZero();
    }

    @Test
    void consecutive_keys_are_spread_evenly() {
        for (int groups : new int[] {2, 3, 4, 8, 64}) {
            int[] keys = new int[groups];
            IntStream.range(0, 64_000).forEach(i -> keys[KeyGroups.of("app:order:" + i, groups)]++);
            assertThat(IntStream.of(keys).boxed())
                    .allSatisfy(n -> assertThat(n).isBetween(64_000 / groups / 2, 64_000 / groups * 2));
        }
    }
}
