package dev.holdfast.http.internal.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the JSON of a request: one object of the standard (RFC 8259) and nothing behind it, without arrays, not deep, and no name
 * twice in one object. Two programs that read the same body would otherwise disagree about what it asks for.
 */
final class StrictJson {
    private static final int DEPTH_MAX = 4;

    static JsonObject object(String text) {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        try {
            if (reader.peek() != JsonToken.BEGIN_OBJECT) {
                throw Problem.badRequest("the body should be a JSON object");
            }
            JsonObject object = object(reader, 1);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw Problem.badRequest("there is something behind the JSON object in the body");
            }
            return object;
        } catch (EOFException e) {
            throw Problem.badRequest("the body is not JSON: it ends too early");
        } catch (MalformedJsonException | IllegalStateException | NumberFormatException e) {
            throw Problem.badRequest("the body is not JSON (RFC 8259), at or behind " + reader.getPath());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonObject object(JsonReader reader, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw Problem.badRequest("the JSON in the body is too deep");
        }
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (object.has(name)) {
                throw Problem.badRequest("'" + name + "' is given more than once");
            }
            object.add(name, value(name, reader, depth));
        }
        reader.endObject();
        return object;
    }

    private static JsonElement value(String name, JsonReader reader, int depth) throws IOException {
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> object(reader, depth + 1);
            // Parameters have types of their own: a number may come as a string, as it has to where it is too large for
            // a double.
            case STRING, NUMBER -> new JsonPrimitive(wellFormed(name, reader.nextString()));
            case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
            case NULL -> {
                reader.nextNull();
                yield JsonNull.INSTANCE;
            }
            default -> throw Problem.badRequest("'" + name + "' should be a string or a number");
        };
    }

    /** Half of a surrogate pair would be another character on its way to the leader, and so another key. */
    private static String wellFormed(String name, String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw Problem.badRequest("'" + name + "' has half of a surrogate pair in it");
        }
        return text;
    }

    private StrictJson() {}
}
