package dev.holdfast.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.holdfast.client.time.ManualTimers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class SlowOperationsTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Logger logger = (Logger) LoggerFactory.getLogger(SlowOperations.NAME);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final ManualTimers timers = new ManualTimers();
    private final SlowOperations slow = new SlowOperations("slow-test", Duration.ofMillis(500), timers::nanoTime);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
    }

    /** Others log here, too, while this test runs. */
    private List<String> said() {
        return List.copyOf(lines.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.startsWith("Peer slow-test: "))
                .toList();
    }

    @Test
    void what_is_quick_is_not_worth_a_line() {
        slow.answered(250 * MILLI, 249 * MILLI);
        slow.applied(3, 499 * MILLI);
        slow.synced(499 * MILLI);
        assertThat(said()).isEmpty();
    }

    @Test
    void what_is_slow_says_what_it_waited_for() {
        slow.answered(250 * MILLI, 250 * MILLI);
        slow.applied(3, 700 * MILLI);
        slow.synced(800 * MILLI);
        assertThat(said())
                .containsExactly(
                        "Peer slow-test: a client's commands took 500 ms: 250 ms until they entered the log, and 250 ms until"
                                + " a majority had them on disk and they were applied",
                        "Peer slow-test: applying a log entry of 3 commands took 700 ms: this machine is busy, or the process"
                                + " was paused",
                        "Peer slow-test: its disk took 800 ms to sync the log");
    }

    @Test
    void of_each_kind_there_is_a_line_in_ten_seconds_which_counts_the_others() {
        for (int i = 0; i < 5; i++) {
            slow.synced(600 * MILLI);
        }
        timers.advance(Duration.ofSeconds(10));
        slow.synced(900 * MILLI);
        assertThat(said())
                .containsExactly(
                        "Peer slow-test: its disk took 600 ms to sync the log",
                        "Peer slow-test: its disk took 900 ms to sync the log (and 4 more since the last line)");
    }

    @Test
    void a_threshold_of_zero_is_never_reached() {
        SlowOperations never = new SlowOperations("slow-test", Duration.ZERO, timers::nanoTime);
        never.synced(Duration.ofDays(1).toNanos());
        assertThat(said()).isEmpty();
    }
}
