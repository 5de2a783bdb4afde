package dev.holdfast.jepsen.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** What happened in one run, for people to read. Kept only if somebody will. */
final class Trace {
    private static final Pattern UUID = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

    private final Scheduler scheduler;
    private final boolean kept;
    private final List<String> lines = new ArrayList<>();
    private final Map<String, String> numbers = new HashMap<>();

    Trace(Scheduler scheduler, boolean kept) {
        this.scheduler = scheduler;
        this.kept = kept;
    }

    void add(String who, Supplier<String> what) {
        if (kept) {
            lines.add(String.format("%10.3f ms  %-9s %s", scheduler.nowNanos() / 1e6, who, numbered(what.get())));
        }
    }

    /** With numbers in the place of what is random however often a run is repeated: the names of threads as owners. */
    private String numbered(String line) {
        return UUID.matcher(line)
                .replaceAll(found -> numbers.computeIfAbsent(found.group(), any -> "#" + (numbers.size() + 1)));
    }

    List<String> lines() {
        return lines;
    }
}
