package dev.holdfast.bench.trial;

import dev.holdfast.bench.load.Median;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * One number.
 *
 * @param unit empty for a count
 */
public record Figure(String name, double value, String unit) {
    private static final double WITHOUT_DECIMALS = 100;

    /** The unit of a rate. */
    public static final String PER_SECOND = "per second";

    static Figure count(String name, long count) {
        return new Figure(name, count, "");
    }

    /** Median, least and greatest of something that was measured several times. */
    static List<Figure> spread(String name, Collection<Double> values, String unit) {
        return List.of(
                new Figure(name + " median", Median.of(values), unit),
                new Figure("min", Collections.min(values), unit),
                new Figure("max", Collections.max(values), unit));
    }

    @Override
    public String toString() {
        boolean whole = value == Math.rint(value) || Math.abs(value) >= WITHOUT_DECIMALS;
        return (name + String.format(Locale.ROOT, whole ? " %,.0f " : " %.2f ", value) + unit).stripTrailing();
    }
}
