package dev.holdfast.client.internal.serial;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LingerTest {
    private final Linger linger = new Linger();
    private long now = -5;

    private void come(int count) {
        for (int i = 0; i < count; i++) {
            linger.came();
        }
    }

    /** Of so many replies, after how many it is waited if nobody ever comes back. */
    private int waits(int replies) {
        int waits = 0;
        for (int i = 0; i < replies; i++) {
            linger.expect(4, now);
            if (linger.isOn(now)) {
                waits++;
                now += Linger.MOST_NANOS;
                assertThat(linger.isOn(now)).isFalse();
            }
        }
        return waits;
    }

    @Test
    void it_is_waited_until_all_have_come() {
        linger.expect(3, now);
        come(2);
        assertThat(linger.isOn(now)).isTrue();
        come(1);
        assertThat(linger.isOn(now)).isFalse();
    }

    @Test
    void it_is_waited_for_a_bounded_time() {
        linger.expect(3, now);
        assertThat(linger.isOn(now + Linger.MOST_NANOS - 1)).isTrue();
        assertThat(linger.isOn(now + Linger.MOST_NANOS)).isFalse();
    }

    @Test
    void those_that_are_expected_add_up() {
        linger.expect(1, now);
        linger.expect(1, now);
        come(1);
        assertThat(linger.isOn(now)).isTrue();
        come(1);
        assertThat(linger.isOn(now)).isFalse();
    }

    @Test
    void more_than_were_expected_are_no_credit() {
        come(5);
        linger.expect(1, now);
        assertThat(linger.isOn(now)).isTrue();
    }

    @Test
    void where_nobody_comes_back_it_is_seldom_waited() {
        assertThat(waits(1000)).isBetween(10, 25);
    }

    @Test
    void where_they_come_back_again_it_is_waited_again() {
        waits(1000);
        for (int i = 0; i < 64; i++) {
            linger.expect(2, now);
            come(2);
        }
        linger.expect(2, now);
        assertThat(linger.isOn(now)).isTrue();
    }

    @Test
    void it_was_worth_it_if_half_of_them_came() {
        for (int i = 0; i < 10; i++) {
            linger.expect(4, now);
            come(2);
            assertThat(linger.isOn(now)).isTrue();
            now += Linger.MOST_NANOS;
            assertThat(linger.isOn(now)).isFalse();
        }
    }
}
