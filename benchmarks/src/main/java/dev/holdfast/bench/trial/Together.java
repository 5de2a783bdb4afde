package dev.holdfast.bench.trial;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs the same for several at the same time. */
final class Together {
    /** Blocks until it is done. */
    @FunctionalInterface
    interface Task<T> {
        T run(int number) throws IOException, InterruptedException;
    }

    /** Blocks until all are done; their results are in the order of their numbers, which begin at 0. */
    static <T> List<T> run(int count, Task<T> task) throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(count);
        try {
            List<Future<T>> started = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                started.add(pool.submit(() -> task.run(number)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> each : started) {
                results.add(each.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new IOException("a process failed: " + e.getCause(), e);
        } finally {
            pool.shutdownNow();
        }
    }

    private Together() {}
}
