package dev.holdfast.http.internal.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.LockableKind;
import dev.holdfast.protocol.Owner;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** What a request gives by name, in its query or as members of a JSON object. What is not known by name is an error. */
final class Parameters {
    private static final String OWNER = "owner";

    private final Map<String, String> values;
    private final Map<String, JsonObject> objects;

    private Parameters(Map<String, String> values, Map<String, JsonObject> objects) {
        this.values = values;
        this.objects = objects;
    }

    static Parameters of(Fields fields, Set<String> known) {
        Map<String, String> values = new HashMap<>();
        for (Fields.Field field : fields) {
            if (field.getValues().size() > 1) {
                throw Problem.badRequest("'" + field.getName() + "' is given more than once");
            }
            values.put(field.getName(), field.getValue() == null ? "" : field.getValue());
        }
        return new Parameters(checked(values, known), Map.of());
    }

    static Parameters ofJson(String body, Set<String> known) {
        Map<String, String> values = new HashMap<>();
        Map<String, JsonObject> objects = new HashMap<>();
        StrictJson.object(body).entrySet().forEach(member -> {
            if (member.getValue() instanceof JsonObject object
                    && member.getKey().equals(OWNER)) {
                objects.put(member.getKey(), object);
            } else if (member.getValue().isJsonPrimitive()) {
                values.put(member.getKey(), member.getValue().getAsString());
            } else if (!member.getValue().isJsonNull()) {
                throw Problem.badRequest("'" + member.getKey() + "' should be a string, a number, true or false");
            }
        });
        checked(objects.keySet(), known);
        return new Parameters(checked(values, known), objects);
    }

    private static Map<String, String> checked(Map<String, String> values, Set<String> known) {
        checked(values.keySet(), known);
        return values;
    }

    private static void checked(Set<String> names, Set<String> known) {
        for (String name : names) {
            if (!known.contains(name)) {
                throw Problem.badRequest("'" + name + "' is not known here; known are "
                        + String.join(", ", known.stream().sorted().toList()));
            }
        }
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
        return values.get(name) == null ? otherwise : number(name, min, max);
    }

    /** One that has to be given. */
    long number(String name, long min, long max) {
        String value = required(name);
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

    /** True or false; false if it is not given. */
    boolean flag(String name) {
        String value = values.getOrDefault(name, "false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Problem.badRequest("'" + name + "' should be true or false");
        };
    }

    /** The lockable that {@code kind} and {@code key} name. */
    LockableKey lockable() {
        return new LockableKey(kind(required("kind")), required("key"));
    }

    /** Who is to hold; {@code null} if that is not said. */
    @Nullable
    Owner owner() {
        JsonObject owner = objects.get(OWNER);
        if (owner == null) {
            if (values.containsKey(OWNER)) {
                throw Problem.badRequest("'owner' should be an object with 'type' and 'id'");
            }
            return null;
        }
        JsonElement within = owner.get("within");
        if (within == null || within.isJsonNull()) {
            checked(owner.keySet(), Set.of("type", "id", "within"));
            return Owner.of(textOf(owner, "type"), textOf(owner, "id"));
        }
        if (!(within instanceof JsonObject scope)) {
            throw Problem.badRequest("'within' should be an object with 'type' and 'id'");
        }
        checked(owner.keySet(), Set.of("type", "id", "within"));
        checked(scope.keySet(), Set.of("type", "id"));
        return new Owner(
                textOf(owner, "type"),
                textOf(owner, "id"),
                new Owner.Scope(textOf(scope, "type"), textOf(scope, "id")));
    }

    private static String textOf(JsonObject object, String name) {
        JsonElement value = object.get(name);
        if (value == null || !value.isJsonPrimitive() || value.getAsString().isEmpty()) {
            throw Problem.badRequest("'" + name + "' of an owner is missing, or not a string");
        }
        return value.getAsString();
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
