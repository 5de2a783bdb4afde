package dev.holdfast.client.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ManualTimersTest {
    private final ManualTimers timers = new ManualTimers();
    private final long originNanos = timers.nanoTime();
    private final List<String> ran = new ArrayList<>();

    @Test
    void tasks_run_in_the_order_in_which_they_fall_due_each_at_its_own_instant_across_the_overflow() {
        schedule("late", 1_500);
        schedule("early", 500);
        schedule("late too", 1_500);

        timers.advance(Duration.ofMillis(499));
        assertEquals(List.of(), ran);
        timers.advance(Duration.ofMillis(2_001));

        assertEquals(List.of("early at 500", "late at 1500", "late too at 1500"), ran);
        assertEquals(2_500, elapsedMs());
    }

    @Test
    void what_a_task_schedules_runs_in_the_same_move_if_it_falls_due() {
        timers.schedule(() -> schedule("second", 300), nanos(300));

        timers.advance(Duration.ofMillis(600));

        assertEquals(List.of("second at 600"), ran);
    }

    @Test
    void a_cancelled_task_does_not_run() {
        Timers.Scheduled task = schedule("cancelled", 100);
        schedule("kept", 100);

        task.cancel();
        task.cancel();
        timers.advance(Duration.ofMillis(100));

        assertEquals(List.of("kept at 100"), ran);
    }

    @Test
    void a_task_that_cancels_another_due_at_the_same_instant_prevents_it() {
        Timers.Scheduled[] second = new Timers.Scheduled[1];
        timers.schedule(() -> second[0].cancel(), nanos(100));
        second[0] = schedule("second", 100);

        timers.advance(Duration.ofMillis(100));

        assertEquals(List.of(), ran);
    }

    @Test
    void what_fell_due_during_a_pause_runs_late() {
        schedule("task", 100);

        timers.pause(Duration.ofMillis(700));
        assertEquals(List.of(), ran);
        timers.advance(Duration.ZERO);

        assertEquals(List.of("task at 700"), ran);
    }

    private Timers.Scheduled schedule(String name, long delayMs) {
        return timers.schedule(() -> ran.add(name + " at " + elapsedMs()), nanos(delayMs));
    }

    private long elapsedMs() {
        return Duration.ofNanos(timers.nanoTime() - originNanos).toMillis();
    }

    private static long nanos(long ms) {
        return Duration.ofMillis(ms).toNanos();
    }
}
