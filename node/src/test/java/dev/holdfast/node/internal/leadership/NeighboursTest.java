package dev.holdfast.node.internal.leadership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.client.time.Timers;
import dev.holdfast.node.Member;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NeighboursTest {
    private static final Member OTHER = new Member("b", "127.0.0.1", 7102, 7202);

    private final List<Runnable> scheduled = new ArrayList<>();
    private final List<Member> redialled = new ArrayList<>();
    private int greetings;
    private boolean reachable;
    private boolean leaderless = true;

    private final Neighbours neighbours =
            new Neighbours(List.of(OTHER), () -> leaderless, this::greet, redialled::add, new Timers() {
                @Override
                public long nanoTime() {
                    return 0;
                }

                @Override
                public Scheduled schedule(Runnable task, long delayNanos) {
                    scheduled.add(task);
                    return () -> scheduled.remove(task);
                }
            });

    private CompletableFuture<?> greet(Member member) {
        greetings++;
        return reachable
                ? CompletableFuture.completedFuture("hello")
                : CompletableFuture.failedFuture(new IOException("nobody there"));
    }

    private void tick() {
        scheduled.remove(0).run();
    }

    @Test
    void a_neighbour_is_greeted_until_it_answers_even_while_there_is_a_leader() {
        leaderless = false;
        neighbours.start();
        tick();
        assertThat(greetings).isEqualTo(2);
        reachable = true;
        tick();
        tick();
        assertThat(greetings).isEqualTo(3);
    }

    @Test
    void one_that_comes_back_while_nobody_leads_is_redialled_once() {
        neighbours.start();
        assertThat(redialled).isEmpty();
        reachable = true;
        tick();
        tick();
        assertThat(redialled).containsExactly(OTHER);
        reachable = false;
        tick();
        reachable = true;
        tick();
        assertThat(redialled).containsExactly(OTHER, OTHER);
    }

    @Test
    void connections_are_left_alone_under_a_leader() {
        neighbours.start();
        leaderless = false;
        reachable = true;
        tick();
        assertThat(redialled).isEmpty();
    }

    @Test
    void nothing_happens_after_the_end() {
        neighbours.start();
        neighbours.close();
        tick();
        assertThat(greetings).isEqualTo(1);
        assertThat(scheduled).isEmpty();
    }
}
