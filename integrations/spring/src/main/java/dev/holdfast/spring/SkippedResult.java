package dev.holdfast.spring;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What a call returns whose method was not run. */
final class SkippedResult {
    private static final Map<Class<?>, Object> RESULTS = Map.of(
            boolean.class, false,
            Boolean.class, false,
            Optional.class, Optional.empty(),
            OptionalInt.class, OptionalInt.empty(),
            OptionalLong.class, OptionalLong.empty(),
            OptionalDouble.class, OptionalDouble.empty());

    static @Nullable Object of(Class<?> type) {
        return RESULTS.get(type);
    }

    /** @throws IllegalArgumentException if there is no result of that type that tells */
    static void requireOne(Class<?> type) {
        if (type.isPrimitive() && type != void.class && !RESULTS.containsKey(type)) {
            throw new IllegalArgumentException("onRefused is SKIP, but a method that returns " + type
                    + " cannot tell that it was skipped: let it return an Optional, an object or a boolean");
        }
    }

    private SkippedResult() {}
}
