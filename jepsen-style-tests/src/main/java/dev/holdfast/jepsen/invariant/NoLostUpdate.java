package dev.holdfast.jepsen.invariant;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * For a fenced counter that is read and then written one higher: no number is written twice, since the first write
 * would be lost; and in the order of the numbers, the tokens never fall.
 */
final class NoLostUpdate implements Invariant {
    @Override
    public String name() {
        return "no lost update";
    }

    @Override
    public List<Violation> check(String key, List<Operation> operations) {
        List<Violation> violations = new ArrayList<>();
        Map<Long, Operation> byValue = new TreeMap<>();
        for (Operation operation : operations) {
            if (operation.call() instanceof Call.Write write && operation.result() instanceof Result.Done) {
                Operation first = byValue.putIfAbsent(write.value(), operation);
                if (first != null) {
                    violations.add(new Violation(
                            name(), key, write.value() + " was written twice", List.of(first, operation)));
                }
            }
        }
        Operation before = null;
        for (Operation operation : byValue.values()) {
            if (before != null && token(before) > token(operation)) {
                violations.add(new Violation(
                        name(),
                        key,
                        "a write with token " + token(operation) + " was accepted after one with " + token(before),
                        List.of(before, operation)));
            }
            before = operation;
        }
        return violations;
    }

    private static long token(Operation write) {
        return write.call() instanceof Call.Write call ? call.token() : 0;
    }
}
