package dev.holdfast.jepsen.simulation;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.List;

/** What the clients of one run asked and were told, in virtual time. */
final class SimulatedHistory {
    private final Scheduler scheduler;
    private final Trace trace;
    private final List<Operation> operations = new ArrayList<>();
    private int processes;

    SimulatedHistory(Scheduler scheduler, Trace trace) {
        this.scheduler = scheduler;
        this.trace = trace;
    }

    int newProcess() {
        return ++processes;
    }

    /** Returns the operation's number. Until it is completed its outcome is unknown. */
    int invoke(int process, String key, Call call) {
        trace.add("caller " + process, () -> key + ": " + call);
        operations.add(new Operation(
                process, key, call, new Result.Unknown("no answer"), scheduler.nowNanos(), Operation.NEVER));
        return operations.size() - 1;
    }

    void complete(int number, Result result) {
        Operation done = operations.get(number).completed(result, scheduler.nowNanos());
        trace.add("caller " + done.process(), () -> done.key() + ": " + done.call() + " -> " + result);
        operations.set(number, done);
    }

    /** Adds what may have happened at any time since that operation was asked for. */
    void mayHaveHappened(int since, int process, Call call) {
        Operation first = operations.get(since);
        operations.add(new Operation(
                process,
                first.key(),
                call,
                new Result.Unknown("nobody asked for it"),
                first.invokedNanos(),
                Operation.NEVER));
    }

    List<Operation> operations() {
        return List.copyOf(operations);
    }
}
