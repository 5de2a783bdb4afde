package dev.holdfast.jepsen.verify;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the reports of a verification. */
final class Report {
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

    /** Into {@code report.json} and {@code report.html} in that folder. Returns the page. */
    static Path write(Verification verification, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("report.json"), GSON.toJson(json(verification)));
        return Files.writeString(folder.resolve("report.html"), Html.page(verification));
    }

    /** Which faults were inflicted and which were skipped. */
    static String faultsLine(Verification verification) {
        Map<String, String> skipped = verification.skipped();
        Set<String> exercised = verification.exercised();
        return "faults exercised: " + exercised.size() + " of " + Faults.all().size() + " ("
                + String.join(", ", exercised) + "), skipped: "
                + (skipped.isEmpty()
                        ? "none"
                        : skipped.entrySet().stream()
                                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                                .collect(Collectors.joining(", ")));
    }

    private static JsonObject json(Verification verification) {
        JsonObject json = new JsonObject();
        json.addProperty("passed", verification.passed());
        json.add("faultsExercised", GSON.toJsonTree(verification.exercised()));
        json.add("skipped", GSON.toJsonTree(verification.skipped()));
        JsonArray trials = new JsonArray();
        verification.reports().forEach(report -> trials.add(json(report)));
        json.add("trials", trials);
        return json;
    }

    private static JsonObject json(TrialReport report) {
        JsonObject json = new JsonObject();
        json.addProperty("workload", report.plan().kind().name());
        json.addProperty("peers", report.plan().peers());
        json.addProperty("groups", report.plan().groups());
        json.addProperty("seed", report.plan().seed());
        json.addProperty("passed", report.passed());
        json.addProperty("seconds", report.seconds());
        json.addProperty("operations", report.operations());
        json.addProperty("unknown", report.unknown());
        json.add("faults", GSON.toJsonTree(report.faults()));
        json.add("course", GSON.toJsonTree(report.course()));
        json.add("verdicts", GSON.toJsonTree(report.verdicts()));
        json.add("smallest", GSON.toJsonTree(smallest(report)));
        json.add("complaints", GSON.toJsonTree(Summary.complaints(report)));
        return json;
    }

    private static List<List<String>> smallest(TrialReport report) {
        return report.smallest().entrySet().stream()
                .map(entry -> Summary.smallest(entry.getKey(), entry.getValue()))
                .toList();
    }

    private Report() {}
}
