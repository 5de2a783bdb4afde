package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LeadershipRoundsTest {
    private final List<CompletableFuture<Void>> begun = new ArrayList<>();
    private final ManualTimers timers = new ManualTimers();
    private final LeadershipRounds rounds = new LeadershipRounds(
            () -> {
                CompletableFuture<Void> round = new CompletableFuture<>();
                begun.add(round);
                return round;
            },
            timers);

    @Test
    void a_round_begins_when_somebody_joins() {
        assertThat(begun).isEmpty();
        CompletableFuture<Void> joined = rounds.join();

        assertThat(begun).hasSize(1);
        assertThat(joined).isNotDone();
        begun.get(0).complete(null);
        assertThat(joined).isCompleted();
    }

    @Test
    void who_comes_during_a_round_is_served_by_the_next_and_all_of_them_by_one() {
        CompletableFuture<Void> first = rounds.join();
        CompletableFuture<Void> second = rounds.join();
        CompletableFuture<Void> third = rounds.join();
        assertThat(begun).hasSize(1);

        begun.get(0).complete(null);

        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        assertThat(third).isNotDone();
        assertThat(begun).hasSize(2);
        begun.get(1).complete(null);
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        assertThat(begun).hasSize(2);
    }

    @Test
    void a_failure_is_told_to_those_of_its_round_only() {
        CompletableFuture<Void> first = rounds.join();
        CompletableFuture<Void> second = rounds.join();

        begun.get(0).completeExceptionally(new IllegalStateException("deposed"));
        assertThat(first).isCompletedExceptionally();
        assertThat(second).isNotDone();
        begun.get(1).complete(null);
        assertThat(second).isCompleted();
    }

    @Test
    void rounds_that_are_confirmed_at_once_serve_everybody() {
        LeadershipRounds quick = new LeadershipRounds(() -> CompletableFuture.completedFuture(null), timers);
        for (int i = 0; i < 10_000; i++) {
            assertThat(quick.join()).isCompleted();
        }
    }

    @Test
    void those_in_no_hurry_gather_for_a_while() {
        CompletableFuture<Void> first = rounds.joinLater();
        timers.advance(19);
        CompletableFuture<Void> second = rounds.joinLater();
        assertThat(begun).isEmpty();
        timers.advance(1);
        assertThat(begun).hasSize(1);
        begun.get(0).complete(null);
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        timers.advance(100);
        assertThat(begun).hasSize(1);
    }

    @Test
    void those_in_no_hurry_are_taken_along() {
        CompletableFuture<Void> patient = rounds.joinLater();
        CompletableFuture<Void> hurried = rounds.join();
        begun.get(0).complete(null);
        assertThat(patient).isCompleted();
        assertThat(hurried).isCompleted();
        timers.advance(100);
        assertThat(begun).hasSize(1);
    }

    @Test
    void those_in_no_hurry_that_come_during_a_round_wait_for_another() {
        CompletableFuture<Void> hurried = rounds.join();
        CompletableFuture<Void> patient = rounds.joinLater();
        timers.advance(20);
        begun.get(0).complete(null);
        assertThat(hurried).isCompleted();
        assertThat(patient).isNotDone();
        assertThat(begun).hasSize(2);
        begun.get(1).complete(null);
        assertThat(patient).isCompleted();
    }
}
