package dev.holdfast.server.run;

import dev.holdfast.server.process.SignalSender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A command and all that it starts. {@code setsid} makes it the leader of a process group of its own, so that signals reach
 * grandchildren too; where there is none, the descendants are looked up one by one.
 */
final class ProcessGroup {
    private static final List<Path> SETSID = List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));

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
        Stream<Path> setsid = SETSID.stream().filter(Files::isExecutable).limit(1);
        setsid.map(Path::toString).forEach(line::add);
        boolean isGroup = !line.isEmpty();
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
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

    /** Sends a signal, by its name without {@code SIG}, to all of it. */
    void signal(String name) {
        List<String> targets = new ArrayList<>();
        if (isGroup) {
            targets.add("-" + process.pid());
        } else {
            process.descendants().map(child -> String.valueOf(child.pid())).forEach(targets::add);
            targets.add(String.valueOf(process.pid()));
        }
        for (String target : targets) {
            kill(name, target);
        }
    }

    private static void kill(String name, String target) {
        try {
            // What has ended needs no signal.
            SignalSender.trySend(name, target);
        } catch (IOException e) {
            System.err.println("holdfast: no signal could be sent: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
