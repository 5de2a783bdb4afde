package dev.holdfast.jepsen.history;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A history as a file of JSON lines: one when an operation is invoked and one when it completes. An operation whose
 * caller was killed is in the file too, with an unknown outcome. Thread-safe.
 */
public final class HistoryFile implements AutoCloseable {
    private static final Gson GSON = new Gson();

    private final FileChannel file;
    private final AtomicLong ids = new AtomicLong();

    private HistoryFile(FileChannel file) {
        this.file = file;
    }

    /** Appends to the file, which is created if missing. A file never has a second writer. */
    public static HistoryFile append(Path path) throws IOException {
        return new HistoryFile(
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND, StandardOpenOption.WRITE));
    }

    /** Records an invocation. Returns the number that completes it. */
    public long invoked(int process, String key, Call call, long nanos) {
        long id = ids.incrementAndGet();
        JsonObject line = new JsonObject();
        line.addProperty("id", id);
        line.addProperty("process", process);
        line.addProperty("key", key);
        line.add("call", tagged(call));
        line.addProperty("nanos", nanos);
        write(line);
        return id;
    }

    /** Records the operation's outcome. An unknown one need not be recorded. */
    public void completed(long id, Result result, long nanos) {
        JsonObject line = new JsonObject();
        line.addProperty("id", id);
        line.add("result", tagged(result));
        line.addProperty("nanos", nanos);
        write(line);
    }

    private static JsonObject tagged(Object value) {
        JsonObject tagged = new JsonObject();
        tagged.add(value.getClass().getSimpleName(), GSON.toJsonTree(value));
        return tagged;
    }

    private synchronized void write(JsonObject line) {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(GSON.toJson(line) + "\n");
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a history", e);
        }
    }

    /** All operations in the file. A last line that was cut off is ignored. */
    public static List<Operation> read(Path path) throws IOException {
        Map<Long, Operation> operations = new LinkedHashMap<>();
        String text = Files.readString(path);
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            JsonObject object = JsonParser.parseString(line).getAsJsonObject();
            long id = object.get("id").getAsLong();
            long nanos = object.get("nanos").getAsLong();
            if (object.has("call")) {
                Operation begun = new Operation(
                        object.get("process").getAsInt(),
                        object.get("key").getAsString(),
                        untagged(object.get("call"), Call.class),
                        new Result.Unknown("nothing more was heard"),
                        nanos,
                        Operation.NEVER);
                operations.put(id, begun);
            } else {
                Result result = untagged(object.get("result"), Result.class);
                operations.computeIfPresent(id, (same, begun) -> begun.completed(result, nanos));
            }
        }
        return new ArrayList<>(operations.values());
    }

    private static <T> T untagged(JsonElement tagged, Class<T> sealed) {
        Map.Entry<String, JsonElement> only =
                tagged.getAsJsonObject().entrySet().iterator().next();
        for (Class<?> kind : sealed.getPermittedSubclasses()) {
            if (kind.getSimpleName().equals(only.getKey())) {
                return sealed.cast(GSON.fromJson(only.getValue(), kind));
            }
        }
        throw new IllegalArgumentException("no " + sealed.getSimpleName() + " is called " + only.getKey());
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
