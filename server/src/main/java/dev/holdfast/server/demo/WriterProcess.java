package dev.holdfast.server.demo;

import dev.holdfast.client.remote.HostPort;
import dev.holdfast.server.Main;
import dev.holdfast.server.process.ChildJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** A {@link WriterCommand} as a child. */
final class WriterProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final String name;
    private final ChildJvm jvm;

    private WriterProcess(String name, ChildJvm jvm) {
        this.name = name;
        this.jvm = jvm;
    }

    /** Starts it, and blocks until it takes commands. */
    static WriterProcess start(String name, List<HostPort> servers, String url)
            throws IOException, InterruptedException {
        ChildJvm jvm = ChildJvm.plan(name, Main.class)
                .jvmOptions("-Xmx128m")
                .jvmOptions(ChildJvm.SHORT_LIVED)
                .arguments(
                        "fencing-demo-writer",
                        "--name",
                        name,
                        "--servers",
                        servers.stream().map(HostPort::toString).collect(Collectors.joining(",")),
                        "--url",
                        url)
                .readyWhen("UP"::equals)
                .start();
        try {
            jvm.awaitReady(PATIENCE);
            return new WriterProcess(name, jvm);
        } catch (IOException | InterruptedException | RuntimeException e) {
            jvm.close();
            throw e;
        }
    }

    String name() {
        return name;
    }

    long pid() {
        return jvm.pid();
    }

    /** Tells it to do something, and waits for an answer that begins with one of those words. */
    String[] ask(String what, String... expected) throws IOException, InterruptedException {
        String line = jvm.ask(what, any -> true, PATIENCE);
        String[] words = line.split(" ", -1);
        Stage.check(List.of(expected).contains(words[0]), name + " said '" + line + "'");
        return words;
    }

    void suspend() throws IOException, InterruptedException {
        jvm.suspend();
    }

    void resume() throws IOException, InterruptedException {
        jvm.resume();
    }

    @Override
    public void close() {
        jvm.close();
    }
}
