package dev.holdfast.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Keeps the log readable while something fails again and again: within ten seconds it lets the same line pass once, and lines
 * that differ only in what was put into them ten times. The next one that passes is preceded by how many were left out.
 */
public final class RepeatFilter extends TurboFilter {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int SAME_MAX = 1;
    private static final int ALIKE_MAX = 10;
    private static final int REMEMBERED_MAX = 256;
    private static final String LEFT_OUT = "Lines like the next one that were left out: {}";

    private final LongSupplier nanoTime;

    /** Those that were seen last, so that it stays small. */
    private final Map<Object, Count> counts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Count> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    /** Within one period. */
    private static final class Count {
        private final long begin;
        private int seen;
        private int leftOut;

        Count(long begin) {
            this.begin = begin;
        }
    }

    private record Alike(
            String logger,
            Level level,
            String format,
            @Nullable Class<?> thrown) {}

    private record Same(Alike alike, String arguments) {}

    public RepeatFilter() {
        this(System::nanoTime);
    }

    RepeatFilter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] arguments,
            @Nullable Throwable thrown) {
        // Without a format somebody only asks whether the level is on.
        if (format == null || format.equals(LEFT_OUT) || !level.isGreaterOrEqual(logger.getEffectiveLevel())) {
            return FilterReply.NEUTRAL;
        }
        Alike alike = new Alike(logger.getName(), level, format, thrown == null ? null : thrown.getClass());
        Same same = new Same(alike, Arrays.toString(arguments) + (thrown == null ? "" : thrown.getMessage()));
        int leftOut = leftOutBefore(alike, same);
        if (leftOut < 0) {
            return FilterReply.DENY;
        }
        if (leftOut > 0) {
            logger.atLevel(org.slf4j.event.Level.valueOf(level.levelStr)).log(LEFT_OUT, leftOut);
        }
        return FilterReply.NEUTRAL;
    }

    /** How many lines like this one were left out before it, or -1 if it is left out as well. */
    private synchronized int leftOutBefore(Alike alike, Same same) {
        long now = nanoTime.getAsLong();
        Count ofAlike = counts.get(alike);
        Count ofSame = counts.get(same);
        int leftOut = 0;
        if (ofAlike == null || now - ofAlike.begin >= PERIOD_NANOS) {
            leftOut = ofAlike == null ? 0 : ofAlike.leftOut;
            ofAlike = new Count(now);
            counts.put(alike, ofAlike);
        }
        if (ofSame == null || now - ofSame.begin >= PERIOD_NANOS) {
            ofSame = new Count(now);
            counts.put(same, ofSame);
        }
        if (ofSame.seen >= SAME_MAX || ofAlike.seen >= ALIKE_MAX) {
            ofAlike.leftOut += 1 + leftOut;
            return -1;
        }
        ofSame.seen++;
        ofAlike.seen++;
        return leftOut;
    }
}
