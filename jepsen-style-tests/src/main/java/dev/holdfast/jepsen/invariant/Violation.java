package dev.holdfast.jepsen.invariant;

import dev.holdfast.jepsen.history.Operation;
import java.util.List;

/**
 * Something that must never happen, and did.
 *
 * @param invariant the name of what was broken
 * @param evidence the operations that show it
 */
public record Violation(String invariant, String key, String what, List<Operation> evidence) {
    public Violation {
        evidence = List.copyOf(evidence);
    }

    @Override
    public String toString() {
        return invariant + " broken on " + key + ": " + what + " " + evidence;
    }
}
