package dev.holdfast.statemachine;

import java.util.ArrayList;
import java.util.List;

/** Shortens a failing log as long as it still fails: it drops entries one by one, from the end. */
final class LogShrinker {

    /** The entries needed for the failure, in order; none if the log does not fail on its own. */
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
