package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LeadershipRoundsTest {
    private final List<CompletableFuture<Void>> begun = new ArrayList<>();
    private final LeadershipRounds rounds = new LeadershipRounds(() -> {
        CompletableFuture<Void> round = new CompletableFuture<>();
        begun.add(round);
        return round;
    });

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
        LeadershipRounds quick = new LeadershipRounds(() -> CompletableFuture.completedFuture(null));
        for (int i = 0; i < 10_000; i++) {
            assertThat(quick.join()).isCompleted();
        }
    }
}
