package dev.holdfast.node.internal.leadership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.client.time.Timers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaderWatchTest {
    private static final long PATIENCE_MS = 500;

    private record Task(Runnable run, long atNanos) {}

    private final List<Task> scheduled = new ArrayList<>();
    private long nowNanos;

    private long followedTerm = 7;
    private long lastHeardNanos;
    private boolean missed = true;
    private int rank;
    private int questions;
    private final ConcurrentLinkedQueue<Long> stood = new ConcurrentLinkedQueue<>();

    private final LeaderWatch watch = new LeaderWatch(
            new LeaderWatch.Follower() {
                @Override
                public long followedTerm() {
                    return followedTerm;
                }

                @Override
                public long silentMs() {
                    return TimeUnit.NANOSECONDS.toMillis(nowNanos - lastHeardNanos);
                }

                @Override
                public int rank() {
                    return rank;
                }

                @Override
                public CompletableFuture<Void> majorityMissesLeader(long term) {
                    questions++;
                    return missed
                            ? CompletableFuture.completedFuture(null)
                            : CompletableFuture.failedFuture(new IOException("heard of it"));
                }

                @Override
                public void standForElection(long term) {
                    stood.add(term);
                }
            },
            Duration.ofMillis(PATIENCE_MS),
            new Timers() {
                @Override
                public long nanoTime() {
                    return nowNanos;
                }

                @Override
                public Scheduled schedule(Runnable task, long delayNanos) {
                    Task added = new Task(task, nowNanos + delayNanos);
                    scheduled.add(added);
                    return () -> scheduled.remove(added);
                }
            });

    private void advance(long ms) {
        for (long i = 0; i < ms; i++) {
            nowNanos += TimeUnit.MILLISECONDS.toNanos(1);
            List<Task> due =
                    scheduled.stream().filter(task -> task.atNanos <= nowNanos).toList();
            scheduled.removeAll(due);
            due.forEach(task -> task.run.run());
        }
    }

    private void awaitStood(long term) {
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(1))
                .untilAsserted(() -> assertThat(stood).containsExactly(term));
    }

    @Test
    void it_stands_when_the_leader_was_silent_for_the_least_timeout() {
        watch.onStreamEnded();
        advance(PATIENCE_MS - 1);
        assertThat(questions).isZero();
        advance(1);
        assertThat(questions).isEqualTo(1);
        advance(1);
        awaitStood(7);
    }

    @Test
    void it_stands_once_in_a_term() {
        watch.onStreamEnded();
        watch.onStreamEnded();
        advance(PATIENCE_MS + 1);
        awaitStood(7);
        watch.onStreamEnded();
        advance(3 * PATIENCE_MS);
        awaitStood(7);
    }

    @Test
    void a_leader_that_is_heard_again_is_left_alone() {
        watch.onStreamEnded();
        for (int i = 0; i < 10; i++) {
            advance(PATIENCE_MS / 2);
            lastHeardNanos = nowNanos;
        }
        assertThat(questions).isZero();
        // And it is not looked at any more.
        assertThat(scheduled).isEmpty();
    }

    @Test
    void it_does_not_stand_while_the_others_hear_of_the_leader() {
        missed = false;
        watch.onStreamEnded();
        advance(PATIENCE_MS + 100);
        assertThat(questions).isGreaterThan(2);
        missed = true;
        advance(100);
        awaitStood(7);
    }

    @Test
    void it_gives_up_after_a_while() {
        missed = false;
        watch.onStreamEnded();
        advance(4 * PATIENCE_MS);
        assertThat(scheduled).isEmpty();
    }

    @Test
    void it_leaves_the_first_try_to_those_before_it() {
        rank = 1;
        watch.onStreamEnded();
        advance(PATIENCE_MS + 99);
        followedTerm = 8;
        advance(PATIENCE_MS);
        assertThat(stood).isEmpty();
    }

    @Test
    void it_stands_when_those_before_it_did_not() {
        rank = 1;
        watch.onStreamEnded();
        advance(PATIENCE_MS + 101);
        awaitStood(7);
    }

    @Test
    void one_that_follows_nobody_does_nothing() {
        followedTerm = -1;
        watch.onStreamEnded();
        assertThat(scheduled).isEmpty();
    }

    @Test
    void a_closed_one_does_nothing() {
        watch.onStreamEnded();
        watch.close();
        advance(2 * PATIENCE_MS);
        assertThat(questions).isZero();
    }
}
