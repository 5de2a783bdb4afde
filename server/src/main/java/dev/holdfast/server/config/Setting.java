package dev.holdfast.server.config;

import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One thing that can be configured.
 *
 * @param key its full path
 * @param allowed what its value may be, with unit and range, in words that fit after "allowed: "
 * @param standard the value without a configuration, as one would write it; {@code null} if there must be one
 * @param reader makes the value; throws an {@link IllegalArgumentException} if it is not one that is allowed
 */
record Setting<T>(String key, String allowed, @Nullable String standard, Reader<T> reader) {

    /** Reads a value of a configuration. */
    interface Reader<T> {
        T read(ConfigValue value);
    }

    /** The variable of the environment that overrides it. */
    String variable() {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    @Nullable
    ConfigValue standardValue() {
        return standard == null ? null : ConfigValueFactory.fromAnyRef(standard, "the default");
    }
}
