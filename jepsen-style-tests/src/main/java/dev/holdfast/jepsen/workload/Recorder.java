package dev.holdfast.jepsen.workload;

import dev.holdfast.client.errors.LockException;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.HistoryFile;
import dev.holdfast.jepsen.history.Result;
import java.util.concurrent.atomic.AtomicInteger;

/** Records what clients ask and are told. Thread-safe. */
final class Recorder {
    private final HistoryFile file;
    private final AtomicInteger processes;

    /** @param firstProcess numbers from here on are used by this recorder only */
    Recorder(HistoryFile file, int firstProcess) {
        this.file = file;
        this.processes = new AtomicInteger(firstProcess);
    }

    /** Asks, and says what the answer means. */
    interface Attempt {
        Result run() throws InterruptedException;
    }

    /** The number of a process that has done nothing yet. */
    int newProcess() {
        return processes.getAndIncrement();
    }

    /** Makes the attempt, and records it and its times. */
    Result record(int process, String key, Call call, Attempt attempt) throws InterruptedException {
        long id = file.invoked(process, key, call, System.nanoTime());
        Result result = resultOf(attempt);
        file.completed(id, result, System.nanoTime());
        return result;
    }

    /** Makes the attempt without recording it. */
    static Result resultOf(Attempt attempt) throws InterruptedException {
        try {
            return attempt.run();
        } catch (LockException e) {
            return Result.of(e);
        }
    }

    /** Records what may have been done unseen, at any time since then. */
    void mayHaveHappened(String key, Call call, long sinceNanos) {
        file.invoked(newProcess(), key, call, sinceNanos);
    }
}
