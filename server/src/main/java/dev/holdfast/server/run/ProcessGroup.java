package dev.holdfast.server.run;

import dev.holdfast.server.process.SignalSender;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command and all that it starts, as a process group of its own, so that signals reach grandchildren too. With perl, the command keeps
 * the terminal of this process; with {@code setsid} alone, it has none; with neither, there is no group, and the descendants
 * are looked up one by one.
 */
final class ProcessGroup {
    private static final String IN_TERMINAL = Programs.script("in-terminal.pl");

    /** Tells the JVM which signal to use for its own purposes. The launcher sets it, so that USR2 is free. */
    static final String JVM_SIGNAL = "_JAVA_SR_SIGNUM";

    private static final int ATTEMPTS = 10;
    private static final long ATTEMPT_MS = 10;

    private final Process process;
    private final boolean isGroup;

    private ProcessGroup(Process process, boolean isGroup) {
        this.process = process;
        this.isGroup = isGroup;
    }

    /**
     * Starts it with the terminal of this process.
     *
     * @throws IOException if it cannot be started
     */
    static ProcessGroup start(List<String> command, Map<String, String> environment) throws IOException {
        List<String> line = new ArrayList<>();
        Optional<String> perl = Programs.find("perl");
        if (perl.isPresent()) {
            line.addAll(List.of(perl.get(), "-e", IN_TERMINAL, "--"));
        } else {
            Programs.find("setsid").ifPresent(line::add);
        }
        boolean isGroup = !line.isEmpty();
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
        builder.environment().remove(JVM_SIGNAL);
        builder.environment().putAll(environment);
        return new ProcessGroup(builder.start(), isGroup);
    }

    /** Waits for the end of the command itself, and returns its exit code: above 128 if a signal ended it. */
    int waitFor() throws InterruptedException {
        return process.waitFor();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What {@code kill} takes for all of it; without a group, for the command itself. */
    String target() {
        return isGroup ? "-" + process.pid() : String.valueOf(process.pid());
    }

    /** Sends a signal, by its name without {@code SIG}, to all of it. */
    void signal(String name) {
        List<String> targets = new ArrayList<>();
        if (!isGroup) {
            process.descendants().map(child -> String.valueOf(child.pid())).forEach(targets::add);
        }
        targets.add(target());
        for (String target : targets) {
            kill(name, target);
        }
    }

    private void kill(String name, String target) {
        try {
            // What has ended needs no signal. What has just started may not have made its group yet.
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                if (SignalSender.trySend(name, target) || !process.isAlive()) {
                    return;
                }
                Thread.sleep(ATTEMPT_MS);
            }
        } catch (IOException e) {
            System.err.println("holdfast: no signal could be sent: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
