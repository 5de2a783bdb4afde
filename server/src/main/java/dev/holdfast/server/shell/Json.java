package dev.holdfast.server.shell;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import dev.holdfast.client.LockOwner;
import java.time.Duration;
import java.time.Instant;

/**
 * What is printed with {@code --json}: records as objects under their components' names, durations in milliseconds, instants
 * in ISO 8601, owners as {@code type:id}.
 */
public final class Json {
    private static final Gson GSON = new GsonBuilder()
            .disableHtmlEscaping()
            .registerTypeAdapter(Duration.class, (JsonSerializer<Duration>)
                    (duration, type, context) -> new JsonPrimitive(duration.toMillis()))
            .registerTypeAdapter(Instant.class, (JsonSerializer<Instant>)
                    (instant, type, context) -> new JsonPrimitive(instant.toString()))
            .registerTypeAdapter(LockOwner.class, (JsonSerializer<LockOwner>)
                    (owner, type, context) -> new JsonPrimitive(owner.toString()))
            .create();

    /** On one line. */
    public static String write(Object value) {
        return GSON.toJson(value);
    }

    private Json() {}
}
