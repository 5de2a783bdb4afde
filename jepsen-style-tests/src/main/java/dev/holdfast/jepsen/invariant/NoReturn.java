package dev.holdfast.jepsen.invariant;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import dev.holdfast.jepsen.invariant.Grants.Hold;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Once a hold was released, or its mutex was granted again, no operation that begins afterwards succeeds with its
 * token. An owner whose hold was taken by force learns of it later, and may believe in the hold until then.
 */
final class NoReturn implements Invariant {
    @Override
    public String name() {
        return "no return of a token";
    }

    @Override
    public List<Violation> check(String key, List<Operation> operations) {
        Map<Long, Operation> released = new HashMap<>();
        for (Operation operation : operations) {
            if (operation.call() instanceof Call.Release release
                    && release.permits() == 0
                    && operation.result() instanceof Result.Done) {
                released.merge(release.token(), operation, NoReturn::earlier);
            }
        }
        NavigableMap<Long, Operation> successors = new TreeMap<>();
        for (Hold hold : new Grants(operations).holds()) {
            if (hold.grants().get(0).call().limit() == 1) {
                hold.grants().forEach(grant -> successors.merge(hold.token(), grant.operation(), NoReturn::earlier));
            }
        }
        earliestOfHigher(successors);
        boolean force = operations.stream().anyMatch(operation -> operation.call() instanceof Call.ForceRelease);
        List<Violation> violations = new ArrayList<>();
        for (Operation operation : operations) {
            long token = force && operation.call() instanceof Call.Believe ? 0 : succeededOn(operation);
            Operation end = released.get(token);
            if (token != 0 && end != null && end.completedNanos() < operation.invokedNanos()) {
                violations.add(new Violation(
                        name(), key, "token " + token + " was accepted after its release", List.of(end, operation)));
            }
            Map.Entry<Long, Operation> higher = successors.higherEntry(token);
            if (token != 0 && higher != null && higher.getValue().completedNanos() < operation.invokedNanos()) {
                violations.add(new Violation(
                        name(),
                        key,
                        "token " + token + " was accepted after a later hold began",
                        List.of(higher.getValue(), operation)));
            }
        }
        return violations;
    }

    /** Maps each token to the first completion among the grants of that token and of all higher ones. */
    private static void earliestOfHigher(NavigableMap<Long, Operation> byToken) {
        Operation earliest = null;
        for (Map.Entry<Long, Operation> entry : byToken.descendingMap().entrySet()) {
            if (earliest == null || entry.getValue().completedNanos() < earliest.completedNanos()) {
                earliest = entry.getValue();
            }
            entry.setValue(earliest);
        }
    }

    private static Operation earlier(Operation one, Operation other) {
        return one.completedNanos() <= other.completedNanos() ? one : other;
    }

    /** The token that the cluster accepted, or 0. */
    private static long succeededOn(Operation operation) {
        if (operation.result() instanceof Result.Granted granted) {
            return granted.token();
        } else if (!(operation.result() instanceof Result.Done)) {
            return 0;
        } else if (operation.call() instanceof Call.Release release) {
            return release.token();
        } else if (operation.call() instanceof Call.Extend extend) {
            return extend.token();
        } else if (operation.call() instanceof Call.Believe belief) {
            return belief.token();
        }
        return 0;
    }
}
