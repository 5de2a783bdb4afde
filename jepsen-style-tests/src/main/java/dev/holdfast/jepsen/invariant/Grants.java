package dev.holdfast.jepsen.invariant;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The acquires of one key that were granted, by the hold that they made or added to. */
final class Grants {
    /** One acquire that was granted. */
    record Grant(Operation operation, Call.Acquire call, long token) {}

    /** The acquires that one token was told to. */
    record Hold(long token, List<Grant> grants) {
        String owner() {
            return grants.get(0).call().owner();
        }

        /** Not begun before that. */
        long invokedNanos() {
            return grants.stream()
                    .mapToLong(grant -> grant.operation().invokedNanos())
                    .min()
                    .orElseThrow();
        }

        /** Begun by then. */
        long completedNanos() {
            return grants.stream()
                    .mapToLong(grant -> grant.operation().completedNanos())
                    .min()
                    .orElseThrow();
        }

        List<Operation> operations() {
            return grants.stream().map(Grant::operation).toList();
        }
    }

    private final Map<Long, Hold> byToken = new TreeMap<>();

    Grants(List<Operation> operations) {
        for (Operation operation : operations) {
            if (operation.call() instanceof Call.Acquire call && operation.result() instanceof Result.Granted granted) {
                byToken.computeIfAbsent(granted.token(), token -> new Hold(token, new ArrayList<>()))
                        .grants
                        .add(new Grant(operation, call, granted.token()));
            }
        }
    }

    /** By token. */
    Collection<Hold> holds() {
        return byToken.values();
    }
}
