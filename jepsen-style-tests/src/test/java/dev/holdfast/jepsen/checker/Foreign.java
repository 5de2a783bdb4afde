package dev.holdfast.jepsen.checker;

import dev.holdfast.jepsen.checker.LinearizabilityChecker.KeyReport;
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
        List<KeyReport> reports = check(initial, step);
        for (Verdict worst : List.of(Verdict.ILLEGAL, Verdict.UNKNOWN)) {
            if (reports.stream().anyMatch(report -> report.verdict() == worst)) {
                return worst;
            }
        }
        return Verdict.OK;
    }

    /** What shows that the first key that is not linearizable is not. */
    SmallestHistory.Found smallest(S initial, BiFunction<S, R, S> step) {
        KeyReport wrong = check(initial, step).stream()
                .filter(report -> report.verdict() == Verdict.ILLEGAL)
                .findFirst()
                .orElseThrow();
        return new SmallestHistory<>(model(initial, step), all -> all, 20_000, () -> 0L, Long.MAX_VALUE)
                .of(wrong.operations(), wrong.failingPrefix());
    }

    private List<KeyReport> check(S initial, BiFunction<S, R, S> step) {
        return new LinearizabilityChecker<>(model(initial, step), all -> all, 50_000_000).check(operations);
    }

    private Model<S> model(S initial, BiFunction<S, R, S> step) {
        return new Model<>() {
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
    }
}
