package dev.holdfast.statemachine;

import java.util.ArrayList;
import java.util.List;

/** Makes a log that fails shorter while it still fails: entry by entry, from its end to its beginning. */
final class LogShrinker {

    /** The entries that are needed to fail, in their order; none if the log does not fail by itself. */
    static List<LogEntry> shrink(List<LogEntry> log) {
        if (!fails(log)) {
            return List.of();
        }
        List<LogEntry> needed = new ArrayList<>(log);
        for (int i = log.size() - 1; i >= 0; i--) {
            List<LogEntry> fewer = new ArrayList<>(needed);
            fewer.remove(i);
            if (fails(fewer)) {
                needed = fewer;
            }
        }
        return needed;
    }

    private static boolean fails(List<LogEntry> log) {
        CheckedMachine machine = new CheckedMachine();
        try {
            log.forEach(machine::apply);
            return false;
        } catch (AssertionError | RuntimeException e) {
            return true;
        }
    }

    private LogShrinker() {}
}
