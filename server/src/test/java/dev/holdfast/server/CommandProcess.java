package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** {@code holdfast} with some arguments as a process, and all that it prints. */
public final class CommandProcess implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What a peer needs to start and to stop in order on a machine that is busy with other things. */
    static final Map<String, String> PATIENT = Map.of(
            "HOLDFAST_ELECTION_TIMEOUT_MIN", "1500 ms",
            "HOLDFAST_ELECTION_TIMEOUT_MAX", "3 s",
            "HOLDFAST_DRAIN_TIMEOUT", "2 min");

    public final List<String> out = new CopyOnWriteArrayList<>();
    public final List<String> err = new CopyOnWriteArrayList<>();
    private final ChildJvm jvm;

    private CommandProcess(List<String> jvmOptions, Object... arguments) throws IOException {
        jvm = ChildJvm.plan("holdfast " + arguments[0], Main.class)
                .jvmOptions("-Xmx256m")
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .jvmOptions(jvmOptions)
                .environment(PATIENT)
                .arguments(Arrays.stream(arguments).map(Object::toString).toList())
                .output(out::add)
                .errors(err::add)
                // Not every command ends with its standard input.
                .guarded()
                .start();
    }

    public static CommandProcess start(Object... arguments) throws IOException {
        return new CommandProcess(List.of(), arguments);
    }

    public static CommandProcess startWith(List<String> jvmOptions, Object... arguments) throws IOException {
        return new CommandProcess(jvmOptions, arguments);
    }

    public ProcessHandle handle() {
        return jvm.handle();
    }

    public void awaitOut(String part) {
        awaitLine(out, part);
    }

    public void awaitErr(String part) {
        awaitLine(err, part);
    }

    private void awaitLine(List<String> lines, String part) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(lines)
                        .describedAs("output %s, errors %s", out, err)
                        .anyMatch(line -> line.contains(part)));
    }

    /** Sends SIGTERM. */
    public void terminate() {
        jvm.terminate();
    }

    public void kill() {
        jvm.kill();
    }

    /** Waits for its end, and for all that it prints. */
    public int awaitExitCode() throws IOException, InterruptedException {
        return jvm.awaitEnd(PATIENCE);
    }

    @Override
    public void close() {
        jvm.close();
    }
}
