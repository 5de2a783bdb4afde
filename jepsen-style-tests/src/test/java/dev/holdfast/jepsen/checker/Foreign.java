package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A history of another kind of object, recorded by others: each operation's call is the number of what was recorded.
 *
 * @param <R> what was recorded of an operation
 * @param <S> the object's state
 */
final class Foreign<R, S> {
    final List<R> recorded = new ArrayList<>();
    final List<Operation> operations = new ArrayList<>();

    void completed(String key, R operation, long invoked, long completed) {
        add(key, operation, new Result.Done(), invoked, completed);
    }

    void unknown(String key, R operation, long invoked) {
        add(key, operation, new Result.Unknown("recorded so"), invoked, Operation.NEVER);
    }

    private void add(String key, R operation, Result result, long invoked, long completed) {
        operations.add(
                new Operation(0, key, new Call.Believe("recorded", recorded.size()), result, invoked, completed));
        recorded.add(operation);
    }

    /** @param step the state after a recorded operation, {@code null} if it could not be so */
    Verdict judge(S initial, BiFunction<S, R, S> step) {
        Model<S> model = new Model<>() {
            @Override
            public S initial() {
                return initial;
            }

            @Override
            public S step(S state, Operation operation) {
                return step.apply(state, recorded.get(Math.toIntExact(((Call.Believe) operation.call()).token())));
            }

            @Override
            public boolean onlyReads(Operation operation) {
                return false;
            }
        };
        var reports = new LinearizabilityChecker<>(model, operations -> operations, 50_000_000).check(operations);
        for (Verdict worst : List.of(Verdict.ILLEGAL, Verdict.UNKNOWN)) {
            if (reports.stream().anyMatch(report -> report.verdict() == worst)) {
                return worst;
            }
        }
        return Verdict.OK;
    }
}
