package dev.holdfast.client.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AckTrackerTest {
    private final AckTracker acks = new AckTracker();

    @Test
    void only_an_unbroken_run_is_acknowledged() {
        acks.done(2);
        acks.done(3);
        assertThat(acks.acknowledged()).isZero();
        acks.done(1);
        assertThat(acks.acknowledged()).isEqualTo(3);
        acks.done(5);
        assertThat(acks.acknowledged()).isEqualTo(3);
    }

    @Test
    void what_is_done_twice_counts_once() {
        acks.done(1);
        acks.done(1);
        acks.done(3);
        acks.done(3);
        acks.done(2);
        assertThat(acks.acknowledged()).isEqualTo(3);
    }
}
