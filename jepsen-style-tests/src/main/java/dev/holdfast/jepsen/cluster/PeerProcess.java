package dev.holdfast.jepsen.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One run of {@link PeerMain}, from its start to its end. */
final class PeerProcess {
    private static final int ANSWER_S = 20;

    private final String id;
    private final Process process;
    private final Map<String, CompletableFuture<String>> asked = new ConcurrentHashMap<>();
    private final AtomicLong questions = new AtomicLong();
    private final CompletableFuture<Boolean> up = new CompletableFuture<>();
    private volatile @Nullable String failure;

    PeerProcess(String id, Process process) {
        this.id = id;
        this.process = process;
        Thread reader = new Thread(this::read, "output of " + id);
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                heard(line);
            }
        } catch (IOException e) {
            // Killed in the middle of a line.
        } finally {
            IOException ended = new IOException("peer " + id + " ended");
            up.completeExceptionally(ended);
            asked.values().forEach(answer -> answer.completeExceptionally(ended));
        }
    }

    private void heard(String line) {
        int space = line.indexOf(' ');
        if (line.equals("UP")) {
            up.complete(true);
        } else if (line.startsWith("FAILED ")) {
            failure = line.substring(space + 1);
        } else if (space > 0) {
            CompletableFuture<String> answer = asked.remove(line.substring(0, space));
            if (answer != null) {
                answer.complete(line.substring(space + 1));
            }
        }
    }

    void awaitUp(int seconds) throws IOException, InterruptedException {
        get(up, "start", seconds);
    }

    /** @throws IOException if the process ends, or does not answer */
    String ask(String question) throws IOException, InterruptedException {
        String number = String.valueOf(questions.incrementAndGet());
        CompletableFuture<String> answer = new CompletableFuture<>();
        asked.put(number, answer);
        try {
            if (!process.isAlive()) {
                throw new IOException("peer " + id + " is down");
            }
            write(number + " " + question + "\n");
            return get(answer, question, ANSWER_S);
        } finally {
            asked.remove(number);
        }
    }

    private synchronized void write(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write(line.getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    private <T> T get(CompletableFuture<T> future, String what, int seconds) throws IOException, InterruptedException {
        try {
            return future.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("peer " + id + " ended before this: " + what, e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("peer " + id + " did not answer in " + seconds + " s: " + what, e);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it said when it stopped by itself; {@code null} if it has not. */
    @Nullable
    String failure() {
        return failure;
    }

    int awaitEnd(int seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new IllegalStateException("peer " + id + " did not end in " + seconds + " s");
        }
        return process.exitValue();
    }

    void signal(String name) throws InterruptedException {
        try {
            Commands.run("kill", "-" + name, String.valueOf(process.pid()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** kill -9, and gone when this returns. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
