package dev.holdfast.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RepeatFilterTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1000);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private Logger log;

    @BeforeEach
    void logger_with_the_filter() {
        LoggerContext context = new LoggerContext();
        RepeatFilter filter = new RepeatFilter(nanos::get);
        filter.start();
        context.addTurboFilter(filter);
        lines.setContext(context);
        lines.start();
        log = context.getLogger("some.Class");
        log.setLevel(Level.INFO);
        log.addAppender(lines);
    }

    private List<String> taken() {
        List<String> taken =
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        lines.list.clear();
        return taken;
    }

    private void pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void the_same_line_appears_once_in_ten_seconds_and_then_with_how_many_were_left_out() {
        for (int i = 0; i < 787; i++) {
            log.error("no space left", new IOException("write"));
        }
        assertThat(taken()).containsExactly("no space left");
        pass(10);
        log.error("no space left", new IOException("write"));
        assertThat(taken()).containsExactly("Lines like the next one that were left out: 786", "no space left");
        pass(10);
        log.error("no space left", new IOException("write"));
        assertThat(taken()).containsExactly("no space left");
    }

    @Test
    void lines_that_differ_in_their_arguments_appear_ten_times() {
        for (int i = 0; i < 100; i++) {
            log.info("entry {} failed", i);
        }
        assertThat(taken()).hasSize(10).startsWith("entry 0 failed", "entry 1 failed");
        pass(10);
        log.info("entry {} failed", 0);
        assertThat(taken()).containsExactly("Lines like the next one that were left out: 90", "entry 0 failed");
    }

    @Test
    void other_lines_other_levels_and_other_loggers_are_not_held_back_by_it() {
        log.info("a");
        log.info("b");
        log.warn("a");
        Logger other = log.getLoggerContext().getLogger("some.Other");
        other.addAppender(lines);
        other.info("a");
        assertThat(taken()).contains("a", "b").hasSize(4);
    }

    @Test
    void what_the_level_hides_stays_hidden_and_what_is_asked_is_answered() {
        log.debug("hidden");
        assertThat(log.isDebugEnabled()).isFalse();
        assertThat(log.isInfoEnabled()).isTrue();
        assertThat(log.isInfoEnabled()).isTrue();
        assertThat(taken()).isEmpty();
    }
}
