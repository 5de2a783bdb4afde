package dev.holdfast.spring.boot;

import dev.holdfast.client.errors.LockRequestRejectedException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns properties into settings, so that whatever is wrong with one is told with its name. */
final class Setting {

    /** The target with the value set, or as it is if there is no value. */
    static <T, V> T apply(T target, String property, @Nullable V value, Setter<T, V> setter) {
        return value == null ? target : convert(property, value, given -> setter.set(target, given));
    }

    /** How a value is set. */
    interface Setter<T, V> {
        T set(T target, V value);
    }

    /** What the function makes of the value. What it throws because of the value says which property that was. */
    static <V, R> R convert(String property, V value, Function<V, R> function) {
        try {
            return function.apply(value);
        } catch (IllegalArgumentException | LockRequestRejectedException e) {
            throw invalid(property, value, e);
        }
    }

    /** @return the value, if it is in the range */
    static Duration within(String property, Duration value, Duration min, Duration max) {
        return convert(property, value, given -> {
            if (given.compareTo(min) < 0 || given.compareTo(max) > 0) {
                throw new IllegalArgumentException("allowed are " + words(min) + " to " + words(max)
                        + "; write it with its unit, such as 10s: a number without one is milliseconds");
            }
            return given;
        });
    }

    private static String words(Duration bound) {
        return bound.toMillis() % 1000 == 0 ? bound.toSeconds() + " s" : bound.toMillis() + " ms";
    }

    static Path path(String property, String value) {
        return convert(property, value, Path::of);
    }

    /** The value is shown: not for secrets. */
    private static HoldfastStartException invalid(String property, Object value, RuntimeException why) {
        String reason = why instanceof InvalidPathException
                ? "not a path: " + why.getMessage()
                : String.valueOf(why.getMessage());
        return new HoldfastStartException(
                property + " is '" + value + "', which is not allowed: " + reason, "Correct " + property + ".", why);
    }

    static HoldfastStartException missing(String what, String action) {
        return new HoldfastStartException(what, action, null);
    }

    private Setting() {}
}
