package dev.holdfast.node.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogMeterTest {
    private static final int LARGE = 100;

    private final LogMeter meter = new LogMeter(new SnapshotPolicy(1000, 1600, 500));

    private void apply(long from, long to, int bytes) {
        for (long index = from; index <= to; index++) {
            meter.applied(index, bytes);
        }
    }

    @Test
    void a_snapshot_is_due_after_so_many_entries_however_short() {
        apply(0, 998, 1);
        assertThat(meter.isDue(998, 0)).isFalse();
        apply(999, 999, 1);
        assertThat(meter.isDue(999, 0)).isTrue();
        meter.begun(999);
        assertThat(meter.isDue(1998, 0)).isFalse();
        assertThat(meter.isDue(1999, 0)).isTrue();
    }

    @Test
    void it_knows_how_large_entries_are_on_average_and_forgets_old_ones() {
        assertThat(meter.entryBytes()).isZero();
        apply(0, 0, 7);
        assertThat(meter.entryBytes()).isEqualTo(7);
        apply(1, 10, 20);
        assertThat(meter.entryBytes()).isEqualTo(20);
        apply(11, 100, LARGE);
        assertThat(meter.entryBytes()).isEqualTo(LARGE);
    }

    @Test
    void a_snapshot_is_due_after_so_many_bytes_however_few_entries() {
        apply(0, 14, LARGE);
        assertThat(meter.isDue(14, 0)).isFalse();
        apply(15, 15, LARGE);
        assertThat(meter.isDue(15, 0)).isTrue();
        meter.begun(15);
        assertThat(meter.isDue(15, 0)).isFalse();
    }

    @Test
    void the_log_may_grow_as_large_as_the_snapshot_before() {
        apply(0, 16, LARGE);
        assertThat(meter.isDue(16, 1701)).isFalse();
        assertThat(meter.isDue(16, 1700)).isTrue();
    }

    @Test
    void what_came_since_the_snapshot_before_stays() {
        apply(0, 5000, LARGE);
        assertThat(meter.disposableUpTo(4900, 300)).isEqualTo(300);
    }

    @Test
    void so_many_entries_stay_behind_a_snapshot() {
        apply(0, 1000, 1);
        assertThat(meter.disposableUpTo(1000, 900)).isEqualTo(500);
        assertThat(meter.disposableUpTo(1000, 400)).isEqualTo(400);
    }

    @Test
    void fewer_entries_stay_if_they_are_long() {
        apply(0, 400, LARGE);
        // By their number all of them would.
        assertThat(meter.disposableUpTo(400, 395)).isBetween(382L, 384L);
    }

    @Test
    void after_a_restart_it_measures_from_the_snapshot() {
        apply(0, 5000, LARGE);
        meter.restartFrom(7000);
        assertThat(meter.isDue(7999, 0)).isFalse();
        assertThat(meter.isDue(8000, 0)).isTrue();
        apply(7001, 7015, LARGE);
        assertThat(meter.isDue(7015, 0)).isFalse();
        assertThat(meter.disposableUpTo(7015, 7000)).isEqualTo(6515);
    }
}
