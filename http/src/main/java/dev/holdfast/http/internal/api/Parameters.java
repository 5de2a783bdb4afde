package dev.holdfast.http.internal.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** What a request gives by name, in its query or as members of a JSON object. What is not known by name is an error. */
final class Parameters {
    private final Map<String, String> values;

    private Parameters(Map<String, String> values) {
        this.values = values;
    }

    static Parameters of(Fields fields, Set<String> known) {
        Map<String, String> values = new HashMap<>();
        for (Fields.Field field : fields) {
            if (field.getValues().size() > 1) {
                throw Problem.badRequest("'" + field.getName() + "' is given more than once");
            }
            values.put(field.getName(), field.getValue() == null ? "" : field.getValue());
        }
        return new Parameters(checked(values, known));
    }

    static Parameters ofJson(String body, Set<String> known) {
        JsonObject object;
        try {
            JsonElement parsed = JsonParser.parseString(body);
            if (!parsed.isJsonObject()) {
                throw Problem.badRequest("the body should be a JSON object");
            }
            object = parsed.getAsJsonObject();
        } catch (JsonParseException e) {
            throw Problem.badRequest("the body is not JSON: " + e.getMessage());
        }
        Map<String, String> values = new HashMap<>();
        object.entrySet().forEach(member -> {
            if (member.getValue().isJsonPrimitive()) {
                values.put(member.getKey(), member.getValue().getAsString());
            } else if (!member.getValue().isJsonNull()) {
                throw Problem.badRequest("'" + member.getKey() + "' should be a string or a number");
            }
        });
        return new Parameters(checked(values, known));
    }

    private static Map<String, String> checked(Map<String, String> values, Set<String> known) {
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw Problem.badRequest("'" + name + "' is not known here; known are "
                        + String.join(", ", known.stream().sorted().toList()));
            }
        }
        return values;
    }

    @Nullable
    String find(String name) {
        return values.get(name);
    }

    String text(String name) {
        return values.getOrDefault(name, "");
    }

    String required(String name) {
        String value = values.get(name);
        if (value == null || value.isEmpty()) {
            throw Problem.badRequest("'" + name + "' is missing");
        }
        return value;
    }

    long number(String name, long otherwise, long min, long max) {
        String value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As one that is out of range.
        }
        throw Problem.badRequest("'" + name + "' should be a number from " + min + " to " + max);
    }

    /** The lockable that {@code kind} and {@code key} name. */
    LockableKey lockable() {
        return new LockableKey(kind(required("kind")), required("key"));
    }

    static LockableKind kind(String name) {
        for (LockableKind kind : LockableKind.values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(name)) {
                return kind;
            }
        }
        throw Problem.badRequest("'kind' should be 'mutex' or 'semaphore'");
    }
}
