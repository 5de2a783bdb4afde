package dev.holdfast.bench;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody measured of other products, some other time and perhaps elsewhere: nothing of it was measured by this run.
 *
 * @param source where it is from
 * @param date when it was measured, as far as the source tells
 * @param machine on what, likewise
 */
record Others(String source, String date, String machine, List<Measured> measured) {
    private static final String PUBLISHED = "others.json";

    /** More than that is no figure of a product alone. */
    private static final double OTHERS_CPU_MAX = 10;

    /**
     * One figure of one product, or several of the same measurement.
     *
     * @param workload as in a {@link Row}
     * @param perSecond pairs, grants or permits per second; 0 if not told
     * @param pairP50 in milliseconds; 0 if not told
     * @param disturbed whether others used the machine meanwhile
     */
    record Measured(
            String product,
            String workload,
            int callers,
            double perSecond,
            double pairP50,
            double pairP99,
            boolean disturbed) {}

    Others {
        measured = List.copyOf(measured);
    }

    /** Those of docs/performance.md. */
    static Others published() {
        try (InputStream file = Others.class.getResourceAsStream(PUBLISHED)) {
            if (file == null) {
                throw new IllegalStateException(PUBLISHED + " is not on the class path");
            }
            return parse(PUBLISHED, new String(file.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * A file with an object that has the measurements in {@code results}, and says its {@code date}.
     *
     * @throws IOException if it cannot be read, or is something else
     */
    static Others read(Path file) throws IOException {
        return parse(file.toString(), Files.readString(file));
    }

    private static Others parse(String name, String text) throws IOException {
        try {
            JsonObject file = JsonParser.parseString(text).getAsJsonObject();
            if (!file.has("results") || !file.has("date")) {
                throw new IOException(name + " has no results, or does not say when they were measured");
            }
            List<JsonObject> results = new ArrayList<>();
            file.getAsJsonArray("results").forEach(each -> results.add(each.getAsJsonObject()));
            return new Others(
                    text(file, "source", name),
                    file.get("date").getAsString(),
                    machine(file),
                    measured(results, versions(results)));
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException | ClassCastException e) {
            throw new IOException(name + " is not what a comparison leaves: " + e.getMessage(), e);
        }
    }

    private static String text(JsonObject object, String name, String otherwise) {
        JsonElement value = object.get(name);
        return value == null ? otherwise : value.getAsString();
    }

    private static String machine(JsonObject file) {
        List<String> facts = new ArrayList<>();
        if (file.has("cpus")) {
            facts.add(file.get("cpus").getAsInt() + " processors");
        }
        if (file.has("java")) {
            facts.add("Java " + file.get("java").getAsString());
        }
        if (file.has("fsync_p50_ms")) {
            facts.add("4 KiB durable in " + file.get("fsync_p50_ms").getAsDouble() + " ms");
        }
        return String.join(", ", facts);
    }

    private static Map<String, String> versions(List<JsonObject> results) {
        Map<String, String> versions = new LinkedHashMap<>();
        for (JsonObject result : results) {
            if (text(result, "workload", "").equals("facts")) {
                versions.put(text(result, "peer", ""), text(result, "version", ""));
            }
        }
        return versions;
    }

    /** Of two measurements of the same, the later one counts. */
    private static List<Measured> measured(List<JsonObject> results, Map<String, String> versions) {
        Map<String, Measured> measured = new LinkedHashMap<>();
        for (JsonObject result : results) {
            String workload = workload(text(result, "workload", ""), text(result, "variant", ""));
            if (workload != null && result.has("per_s")) {
                String peer = text(result, "peer", "");
                String version = versions.getOrDefault(peer, "");
                int callers = callers(result);
                measured.put(
                        peer + " " + workload + " " + callers,
                        new Measured(
                                version.isEmpty() ? peer : version.split(",", 2)[0],
                                workload,
                                callers,
                                number(result, "per_s"),
                                number(result, "pair_p50_ms"),
                                number(result, "pair_p99_ms"),
                                number(result, "others_cpu") > OTHERS_CPU_MAX));
            }
        }
        return new ArrayList<>(measured.values());
    }

    /** As this command names it; {@code null} if it has no such workload. */
    private static @Nullable String workload(String name, String variant) {
        return switch (name) {
            case "W1" -> "own";
            case "W2" -> variant.equals("n16") ? "one" : null;
            case "W3" -> "semaphore";
            case "W6" -> "holds";
            default -> null;
        };
    }

    private static int callers(JsonObject result) {
        String variant = text(result, "variant", "");
        return variant.matches("n\\d+") ? Integer.parseInt(variant.substring(1)) : (int) number(result, "callers");
    }

    private static double number(JsonObject object, String name) {
        JsonElement value = object.get(name);
        return value == null || value.isJsonNull() ? 0 : new Gson().fromJson(value, Double.class);
    }

    /** Those of the same work: thin clients of three processes. */
    List<Measured> like(Row row) {
        return measured.stream()
                .filter(each -> each.workload().equals(row.workload())
                        && (each.workload().equals("holds") || each.callers() == row.callers()))
                .toList();
    }
}
