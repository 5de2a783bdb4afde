package dev.holdfast.node.leader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
    void a_round_that_throws_fails_and_the_next_begins_all_the_same() {
        AtomicBoolean broken = new AtomicBoolean(true);
        LeadershipRounds fragile = new LeadershipRounds(
                () -> {
                    if (broken.get()) {
                        throw new IllegalArgumentException("not an address");
                    }
                    return CompletableFuture.completedFuture(null);
                },
                timers);

        assertThat(fragile.join()).isCompletedExceptionally();
        broken.set(false);
        assertThat(fragile.join()).isCompleted();
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
    void those_who_can_wait_gather() {
        CompletableFuture<Void> first = rounds.joinWithin(ms(20));
        timers.advance(Duration.ofMillis(19));
        CompletableFuture<Void> second = rounds.joinWithin(ms(20));
        assertThat(begun).isEmpty();
        timers.advance(Duration.ofMillis(1));
        assertThat(begun).hasSize(1);
        begun.get(0).complete(null);
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        timers.advance(Duration.ofMillis(1000));
        assertThat(begun).hasSize(1);
    }

    @Test
    void they_gather_for_as_long_as_the_least_patient_can_wait() {
        CompletableFuture<Void> patient = rounds.joinWithin(ms(200));
        timers.advance(Duration.ofMillis(50));
        CompletableFuture<Void> lessPatient = rounds.joinWithin(ms(100));
        timers.advance(Duration.ofMillis(10));
        CompletableFuture<Void> leastPatient = rounds.joinWithin(ms(5));
        timers.advance(Duration.ofMillis(4));
        assertThat(begun).isEmpty();
        timers.advance(Duration.ofMillis(1));
        assertThat(begun).hasSize(1);
        begun.get(0).complete(null);
        assertThat(List.of(patient, lessPatient, leastPatient)).allMatch(CompletableFuture::isDone);
    }

    @Test
    void who_comes_after_a_round_waits_for_as_long_as_it_can_whatever_those_before_had_asked_for() {
        CompletableFuture<Void> before = rounds.joinWithin(ms(100));
        rounds.join();
        begun.get(0).complete(null);
        assertThat(before).isCompleted();
        timers.advance(Duration.ofMillis(50));
        CompletableFuture<Void> after = rounds.joinWithin(ms(100));
        timers.advance(Duration.ofMillis(99));
        assertThat(begun).hasSize(1);
        timers.advance(Duration.ofMillis(1));
        assertThat(begun).hasSize(2);
        begun.get(1).complete(null);
        assertThat(after).isCompleted();
    }

    @Test
    void who_cannot_wait_at_all_begins_a_round() {
        rounds.joinWithin(0);
        timers.advance(Duration.ofMillis(0));
        assertThat(begun).hasSize(1);
    }

    @Test
    void those_who_can_wait_are_taken_along() {
        CompletableFuture<Void> patient = rounds.joinWithin(ms(20));
        CompletableFuture<Void> hurried = rounds.join();
        begun.get(0).complete(null);
        assertThat(patient).isCompleted();
        assertThat(hurried).isCompleted();
        timers.advance(Duration.ofMillis(1000));
        assertThat(begun).hasSize(1);
    }

    @Test
    void those_who_can_wait_and_come_during_a_round_wait_for_another() {
        CompletableFuture<Void> hurried = rounds.join();
        CompletableFuture<Void> patient = rounds.joinWithin(ms(20));
        timers.advance(Duration.ofMillis(20));
        begun.get(0).complete(null);
        assertThat(hurried).isCompleted();
        assertThat(patient).isNotDone();
        assertThat(begun).hasSize(2);
        begun.get(1).complete(null);
        assertThat(patient).isCompleted();
    }

    private static long ms(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
