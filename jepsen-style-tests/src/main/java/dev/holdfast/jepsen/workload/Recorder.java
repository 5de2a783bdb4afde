package dev.holdfast.jepsen.workload;

import dev.holdfast.client.LockAlreadyHeldException;
import dev.holdfast.client.LockException;
import dev.holdfast.client.LockNotHeldException;
import dev.holdfast.client.LockUnavailableException;
import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes down what clients ask and are told. Thread-safe. */
public final class Recorder {
    private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();
    private final AtomicInteger processes = new AtomicInteger();

    /** Asks, and says what the answer means. */
    public interface Attempt {
        Result run() throws InterruptedException;
    }

    /** The number of a process that has done nothing yet. */
    public int newProcess() {
        return processes.incrementAndGet();
    }

    /** Makes the attempt, and records it and its times. */
    public Result record(int process, String key, Call call, Attempt attempt) throws InterruptedException {
        long invoked = System.nanoTime();
        Result result;
        try {
            result = attempt.run();
        } catch (LockException e) {
            result = resultOf(e);
        }
        long completed = result instanceof Result.Unknown ? Operation.NEVER : System.nanoTime();
        operations.add(new Operation(process, key, call, result, invoked, completed));
        return result;
    }

    /** What is not known for certain to have had no effect, or that of a refusal, may have had any. */
    private static Result resultOf(LockException e) {
        if (e instanceof LockNotHeldException) {
            return new Result.NotHeld();
        } else if (e instanceof LockAlreadyHeldException) {
            return new Result.Refused();
        } else if (e instanceof LockUnavailableException) {
            return new Result.Failed(e.toString());
        }
        return new Result.Unknown(e.toString());
    }

    /** All that was recorded until now. */
    public List<Operation> history() {
        return List.copyOf(operations);
    }
}
