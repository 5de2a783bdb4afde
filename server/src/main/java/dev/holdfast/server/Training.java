package dev.holdfast.server;

import java.util.ArrayList;
import java.util.List;

/** Runs commands, so that their classes are loaded. */
final class Training {
    private static final List<List<String>> COMMANDS = List.of(
            List.of("lock", "training", "--wait", "1m", "--ttl", "5m", "--", "true"),
            List.of("lock", "training", "--", "true"),
            List.of("semaphore", "training", "--max", "2", "--", "true"),
            List.of("status"),
            List.of("locks"),
            List.of("sessions"),
            List.of("explain", "training"),
            List.of("force-release", "training", "--yes"));

    /** Exits with 0 if all of them did. */
    public static void main(String[] servers) {
        Logging.set();
        for (List<String> command : COMMANDS) {
            List<String> words = new ArrayList<>(List.of(command.get(0), "--servers", servers[0], "--timeout", "2m"));
            words.addAll(command.subList(1, command.size()));
            String[] arguments = words.toArray(String[]::new);
            int exitCode = Main.commandLine(arguments).execute(arguments);
            if (exitCode != 0) {
                System.exit(exitCode);
            }
        }
        System.exit(0);
    }

    private Training() {}
}
