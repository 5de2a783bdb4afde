package dev.holdfast.server.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What a process prints, line by line: for a listener, and for those who wait for a certain line. */
final class OutputLines {
    private record Waiter(Predicate<String> wanted, CompletableFuture<String> line) {}

    private final Consumer<String> listener;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final List<Waiter> waiters = new ArrayList<>();

    OutputLines(Consumer<String> listener) {
        this.listener = listener;
    }

    /** The next line that is wanted; fails if the output ends first. A line that has been read already does not count. */
    CompletableFuture<String> next(Predicate<String> wanted) {
        CompletableFuture<String> line = new CompletableFuture<>();
        synchronized (waiters) {
            if (!end.isDone()) {
                waiters.add(new Waiter(wanted, line));
                return line;
            }
        }
        line.completeExceptionally(ended());
        return line;
    }

    /** Forgets a line that is no longer waited for. */
    void cancel(CompletableFuture<String> line) {
        synchronized (waiters) {
            waiters.removeIf(waiter -> waiter.line == line);
        }
    }

    /** Completes when the output has ended and every line of it has reached the listener. */
    CompletableFuture<Void> end() {
        return end;
    }

    /** Reads to the end. */
    void read(InputStream from) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard(line);
            }
        } catch (IOException e) {
            // Killed in the middle of a line.
        } finally {
            finish();
        }
    }

    private void heard(String line) {
        listener.accept(line);
        List<Waiter> served = new ArrayList<>();
        synchronized (waiters) {
            waiters.removeIf(waiter -> waiter.wanted.test(line) && served.add(waiter));
        }
        served.forEach(waiter -> waiter.line.complete(line));
    }

    private void finish() {
        List<Waiter> left;
        synchronized (waiters) {
            end.complete(null);
            left = List.copyOf(waiters);
            waiters.clear();
        }
        left.forEach(waiter -> waiter.line.completeExceptionally(ended()));
    }

    private static IOException ended() {
        return new IOException("its output has ended");
    }
}
