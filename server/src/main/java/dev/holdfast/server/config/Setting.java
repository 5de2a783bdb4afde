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
 * @param standard the default, as one would write it; {@code null} if the setting is required
 * @param reader reads the value; throws an {@link IllegalArgumentException} if it is not allowed
 */
record Setting<T>(String key, String allowed, @Nullable String standard, Reader<T> reader) {

    /** Reads a configuration's value. */
    interface Reader<T> {
        T read(ConfigValue value);
    }

    /** The environment variable that overrides it. */
    String variable() {
        return key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    @Nullable
    ConfigValue standardValue() {
        return standard == null ? null : ConfigValueFactory.fromAnyRef(standard, "the default");
    }
}
