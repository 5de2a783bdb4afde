package dev.holdfast.jepsen.invariant;

import dev.holdfast.jepsen.history.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Something that must hold of the operations on one key. */
public interface Invariant {
    String name();

    /** @param operations on one key, in any order */
    List<Violation> check(String key, List<Operation> operations);

    /** All invariants. */
    static List<Invariant> all() {
        return List.of(new TokensRise(), new HoldsFit(), new NoReturn(), new QueueOrder(), new NoLostUpdate());
    }

    /** Checks every invariant on every key. */
    static List<Violation> checkAll(List<Operation> history) {
        Map<String, List<Operation>> byKey = new TreeMap<>();
        history.forEach(operation ->
                byKey.computeIfAbsent(operation.key(), key -> new ArrayList<>()).add(operation));
        List<Violation> violations = new ArrayList<>();
        for (Invariant invariant : all()) {
            byKey.forEach((key, operations) -> violations.addAll(invariant.check(key, operations)));
        }
        return violations;
    }
}
