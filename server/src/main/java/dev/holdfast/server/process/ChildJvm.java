package dev.holdfast.server.process;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A JVM that this one starts, on the same class path unless another is given. Its program is expected to end with its standard input, so that it never
 * outlives its parent, and may take commands from there, one a line. May be used by any thread.
 */
public final class ChildJvm implements AutoCloseable {
    /** For a JVM that lives for seconds: starting fast matters more to it than running fast. */
    public static final List<String> SHORT_LIVED = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** For a JVM whose first callers are not to wait for long: code is compiled after a tenth of the usual number of calls. */
    public static final List<String> COMPILES_EARLY = List.of(
            "-XX:Tier0InvokeNotifyFreqLog=3",
            "-XX:Tier0BackedgeNotifyFreqLog=7",
            "-XX:Tier3InvocationThreshold=20",
            "-XX:Tier3MinInvocationThreshold=10",
            "-XX:Tier3CompileThreshold=200",
            "-XX:Tier3BackEdgeThreshold=6000",
            "-XX:Tier3DelayOn=0");

    /** The system property with the archive of classes for {@link Plan#sharingClasses}. The launcher sets it. */
    public static final String CLASS_ARCHIVE = "dev.holdfast.class-archive";

    private static final long KILL_TIMEOUT_S = 30;

    private final String name;
    private final @Nullable Path log;
    private final Process process;
    private final OutputLines out;
    private final @Nullable OutputLines err;
    private final CompletableFuture<String> ready;
    private final AtomicBoolean guarded = new AtomicBoolean();

    private ChildJvm(Plan plan, Process process) {
        this.name = plan.name;
        this.log = plan.log;
        this.process = process;
        out = new OutputLines(plan.output);
        ready = out.next(plan.ready);
        Daemons.start("output of " + name, () -> out.read(process.getInputStream()));
        if (log == null) {
            OutputLines errors = new OutputLines(plan.errors);
            Daemons.start("errors of " + name, () -> errors.read(process.getErrorStream()));
            err = errors;
        } else {
            err = null;
        }
    }

    /** Describes a child. Can start it more than once. Not for use by several threads at once. */
    public static final class Plan {
        private final String name;
        private final Class<?> main;
        private final List<String> prefix = new ArrayList<>();
        private final List<String> jvmOptions = new ArrayList<>();
        private final List<String> arguments = new ArrayList<>();
        private final Map<String, String> environment = new HashMap<>();
        private final Set<String> notInherited = new HashSet<>();
        private Predicate<String> ready = line -> true;
        private Consumer<String> output = line -> {};
        private Consumer<String> errors = line -> System.err.println(line);
        private @Nullable Path log;
        private String classPath = System.getProperty("java.class.path");
        private boolean guard;

        private Plan(String name, Class<?> main) {
            this.name = name;
            this.main = main;
        }

        /** What the command line begins with, such as a shell that sets limits and then runs the rest by {@code exec}. */
        public Plan prefix(List<String> words) {
            prefix.addAll(words);
            return this;
        }

        public Plan jvmOptions(List<String> options) {
            jvmOptions.addAll(options);
            return this;
        }

        public Plan jvmOptions(String... options) {
            return jvmOptions(List.of(options));
        }

        /** With the archive of classes that the launcher found for this JVM, if there is one. */
        public Plan sharingClasses() {
            String archive = System.getProperty(CLASS_ARCHIVE, "");
            return archive.isEmpty()
                    ? this
                    : jvmOptions(
                            "-Xshare:auto",
                            "-XX:SharedArchiveFile=" + archive,
                            "-XX:+VerifySharedSpaces",
                            "-Xlog:cds*=off");
        }

        public Plan arguments(List<String> words) {
            arguments.addAll(words);
            return this;
        }

        public Plan arguments(String... words) {
            return arguments(List.of(words));
        }

        public Plan environment(Map<String, String> variables) {
            environment.putAll(variables);
            return this;
        }

        /** Where its classes are, in place of this process's class path: those of another release, say. */
        public Plan classPath(String path) {
            classPath = path;
            return this;
        }

        /** Variables of this process that the child does not get. */
        public Plan notInheriting(List<String> variables) {
            notInherited.addAll(variables);
            return this;
        }

        /** The line of standard output that says that the child is ready; the first line unless given. */
        public Plan readyWhen(Predicate<String> line) {
            ready = line;
            return this;
        }

        /** Passes each line of standard output to the listener, on a thread of its own, before anyone who waits for that line. */
        public Plan output(Consumer<String> listener) {
            output = listener;
            return this;
        }

        /** Passes each line of standard error to the listener, on a thread of its own. By default it goes to this process's. */
        public Plan errors(Consumer<String> listener) {
            errors = listener;
            return this;
        }

        /** Appends standard error to that file. */
        public Plan log(Path file) {
            log = file;
            return this;
        }

        /** Kills the child when this JVM ends, even if the child does not watch its standard input. */
        public Plan guarded() {
            guard = true;
            return this;
        }

        public ChildJvm start() throws IOException {
            List<String> command = new ArrayList<>(prefix);
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(jvmOptions);
            command.addAll(List.of("-cp", classPath, main.getName()));
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().keySet().removeAll(notInherited);
            builder.environment().putAll(environment);
            if (log != null) {
                builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
            }
            ChildJvm child = new ChildJvm(this, builder.start());
            if (guard) {
                child.guard();
            }
            return child;
        }
    }

    /** @param name for messages */
    public static Plan plan(String name, Class<?> main) {
        return new Plan(name, main);
    }

    private void guard() throws IOException {
        if (!guarded.getAndSet(true)) {
            Watchdog.guard(process);
        }
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Completes with the line that says that the child is ready; fails if its output ends first. */
    public CompletableFuture<String> ready() {
        return ready.copy();
    }

    /** Whether the child has said that it is ready, even if it has ended since. */
    public boolean isReady() {
        return ready.isDone() && !ready.isCompletedExceptionally();
    }

    /**
     * Blocks until the child says that it is ready, and returns the line by which it does.
     *
     * @throws IOException if it ends first, or the time runs out
     */
    public String awaitReady(Duration timeout) throws IOException, InterruptedException {
        return await(ready, "start", timeout);
    }

    /** Writes a line to the child's standard input. */
    public void say(String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        OutputStream in = process.getOutputStream();
        synchronized (this) {
            in.write(bytes);
            in.flush();
        }
    }

    /**
     * Writes a line to the child, and blocks until the first later line that is an answer.
     *
     * @throws IOException if the child ends first, or the time runs out
     */
    public String ask(String question, Predicate<String> isAnswer, Duration timeout)
            throws IOException, InterruptedException {
        CompletableFuture<String> answer = out.next(isAnswer);
        try {
            say(question);
            return await(answer, question, timeout);
        } finally {
            out.cancel(answer);
        }
    }

    private String await(CompletableFuture<String> line, String what, Duration timeout)
            throws IOException, InterruptedException {
        try {
            return line.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(name + " ended before this: " + what + whereItsLogIs(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(
                    name + " did not do this within " + timeout.toMillis() + " ms: " + what + whereItsLogIs(), e);
        }
    }

    private String whereItsLogIs() {
        return log == null ? "" : "; its log is " + log;
    }

    /** Completes with the exit code, which is above 128 if a signal ended the child. */
    public CompletableFuture<Integer> ended() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /**
     * Blocks until the child has ended and all that it printed has reached the listeners.
     *
     * @return the exit code
     * @throws IOException if the time runs out
     */
    public int awaitEnd(Duration timeout) throws IOException, InterruptedException {
        CompletableFuture<Void> errorsRead = err == null ? CompletableFuture.completedFuture(null) : err.end();
        try {
            CompletableFuture.allOf(process.onExit(), out.end(), errorsRead)
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            throw new IOException(name + " did not end within " + timeout.toMillis() + " ms" + whereItsLogIs(), e);
        }
        return process.exitValue();
    }

    /** Closes the child's standard input, which asks it to shut down cleanly. */
    public void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** Sends SIGTERM. */
    public void terminate() {
        process.destroy();
    }

    /** Sends SIGSTOP. The child's clocks go on, and it still does not outlive this JVM. */
    public void suspend() throws IOException, InterruptedException {
        // While suspended, it does not notice the end of its standard input.
        guard();
        SignalSender.send("STOP", String.valueOf(pid()));
    }

    /** Sends SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        SignalSender.send("CONT", String.valueOf(pid()));
    }

    /** Sends SIGKILL, and blocks until the child is gone, whether interrupted or not. Does nothing to one that has ended. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().orTimeout(KILL_TIMEOUT_S, TimeUnit.SECONDS).join();
    }

    /** Kills all of them at once, and blocks until they are gone. */
    public static void killAll(List<ChildJvm> children) {
        children.forEach(child -> child.process.destroyForcibly());
        children.forEach(ChildJvm::kill);
    }

    /** How much processor time it has used. */
    public Duration cpu() {
        return process.info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException("this system does not tell processor times"));
    }

    /** How many bytes of memory are resident; 0 where the system does not tell. */
    public long residentBytes() {
        Path status = Path.of("/proc", String.valueOf(pid()), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills it. */
    @Override
    public void close() {
        kill();
    }
}
