package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupHealthTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG =
            Duration.ofNanos(GroupHealth.PATIENCE_NANOS).plusSeconds(1);

    private final ManualTimers timers = new ManualTimers();
    private boolean leads;
    private @Nullable String leader = "b";
    private long applied = 5;
    private long committed = 5;
    private long last = 5;
    private CompletableFuture<Long> answer = CompletableFuture.completedFuture(5L);

    private final GroupHealth health = new GroupHealth(
            new GroupHealth.View() {
                @Override
                public boolean isLed() {
                    return leads;
                }

                @Override
                public @Nullable String leader() {
                    return leader;
                }

                @Override
                public long applied() {
                    return applied;
                }

                @Override
                public long committed() {
                    return committed;
                }

                @Override
                public long last() {
                    return last;
                }

                @Override
                public CompletableFuture<Long> appliedBy(String member) {
                    assertThat(member).isEqualTo("b");
                    return answer;
                }
            },
            "a",
            " of group 1",
            timers);

    private @Nullable String after(Duration time) {
        timers.advance(time);
        return health.problem();
    }

    private @Nullable String lookTwice() {
        var unused = after(SECOND);
        return after(SECOND);
    }

    @Test
    void a_follower_is_well_once_it_has_applied_what_the_leader_had() {
        assertThat(health.problem()).isEqualTo("it does not hear from the leader of group 1, b");
        assertThat(after(SECOND)).isNull();
        assertThat(health.lag()).isZero();
    }

    @Test
    void a_follower_that_starts_behind_is_not_well_until_it_has_caught_up() {
        committed = -1;
        answer = CompletableFuture.completedFuture(40L);
        assertThat(lookTwice()).isEqualTo("it is behind the leader of group 1, b, by 35 entries");
        assertThat(health.lag()).isEqualTo(35);

        applied = 40;
        assertThat(after(SECOND)).isNull();
        assertThat(health.lag()).isZero();
    }

    @Test
    void a_follower_may_be_a_little_behind_and_not_for_long() {
        assertThat(lookTwice()).isNull();
        answer = CompletableFuture.completedFuture(9L);
        assertThat(lookTwice()).isNull();
        assertThat(after(LONG)).isEqualTo("it is behind the leader of group 1, b, by 4 entries");
    }

    @Test
    void a_leader_that_does_not_answer_is_missed_after_a_while() {
        assertThat(lookTwice()).isNull();
        answer = new CompletableFuture<>();
        assertThat(lookTwice()).isNull();
        assertThat(after(LONG)).isEqualTo("it does not hear from the leader of group 1, b");

        answer.completeExceptionally(new IllegalStateException("cut off"));
        answer = CompletableFuture.completedFuture(5L);
        assertThat(lookTwice()).isNull();
    }

    @Test
    void how_far_it_is_behind_is_asked_again_while_it_does_not_get_there() {
        answer = CompletableFuture.completedFuture(40L);
        assertThat(lookTwice()).isEqualTo("it is behind the leader of group 1, b, by 35 entries");
        answer = CompletableFuture.completedFuture(4000L);
        assertThat(after(SECOND)).isEqualTo("it is behind the leader of group 1, b, by 35 entries");
        assertThat(health.lag()).isEqualTo(3995);
        answer = CompletableFuture.failedFuture(new IllegalStateException("cut off"));
        var unused = after(SECOND);
        assertThat(health.lag()).isEqualTo(-1);
    }

    @Test
    void a_leader_whose_entries_reach_no_majority_s_disks_is_not_well() {
        leader = "a";
        leads = true;
        last = 9;
        assertThat(health.problem()).isNull();
        assertThat(after(LONG))
                .isEqualTo(
                        "it leads and gets nothing committed of group 1 any more: entries 6 to 9 have waited for 11 s until a"
                                + " majority has them on disk");
        committed = 6;
        applied = 6;
        assertThat(after(SECOND)).isNull();
        committed = 9;
        applied = 9;
        assertThat(after(LONG)).isNull();
    }

    @Test
    void without_a_leader_nobody_is_served() {
        assertThat(lookTwice()).isNull();
        leader = null;
        assertThat(health.problem()).startsWith("it knows no leader of group 1: ");
        assertThat(health.lag()).isEqualTo(-1);
    }

    @Test
    void a_leader_is_well_from_when_it_serves() {
        leader = "a";
        assertThat(health.problem()).isEqualTo("it was elected leader of group 1, and does not serve yet");
        leads = true;
        assertThat(health.problem()).isNull();
        assertThat(after(LONG)).isNull();
    }

    @Test
    void who_applies_nothing_that_is_committed_is_not_well_even_if_it_leads() {
        leader = "a";
        leads = true;
        committed = 8;
        assertThat(health.problem()).isNull();
        assertThat(after(LONG))
                .isEqualTo("it applies nothing of group 1 any more: it is at entry 5 since 11 s, and those up to 8 are"
                        + " committed");
        applied = 6;
        assertThat(after(SECOND)).isNull();
        assertThat(after(LONG)).startsWith("it applies nothing");
        applied = 8;
        assertThat(after(LONG)).isNull();
    }
}
