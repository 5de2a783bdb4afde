package dev.holdfast.jepsen.invariant;

import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.invariant.Grants.Hold;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A token belongs to one owner's hold, and a hold that began after another has the greater token. */
final class TokensRise implements Invariant {
    @Override
    public String name() {
        return "tokens rise";
    }

    @Override
    public List<Violation> check(String key, List<Operation> operations) {
        List<Violation> violations = new ArrayList<>();
        List<Hold> holds = new ArrayList<>(new Grants(operations).holds());
        for (Hold hold : holds) {
            if (hold.grants().stream()
                            .map(grant -> grant.call().owner())
                            .distinct()
                            .count()
                    > 1) {
                violations.add(new Violation(
                        name(), key, "token " + hold.token() + " was granted to two owners", hold.operations()));
            }
        }
        List<Hold> byCompletion = new ArrayList<>(holds);
        byCompletion.sort(Comparator.comparingLong(Hold::completedNanos));
        holds.sort(Comparator.comparingLong(Hold::invokedNanos));
        int next = 0;
        Hold highest = null;
        for (Hold hold : holds) {
            for (;
                    next < byCompletion.size() && byCompletion.get(next).completedNanos() < hold.invokedNanos();
                    next++) {
                Hold completed = byCompletion.get(next);
                highest = highest == null || completed.token() > highest.token() ? completed : highest;
            }
            if (highest != null && highest.token() >= hold.token()) {
                List<Operation> evidence = new ArrayList<>(highest.operations());
                evidence.addAll(hold.operations());
                violations.add(new Violation(
                        name(), key, "token " + hold.token() + " was granted after " + highest.token(), evidence));
            }
        }
        return violations;
    }
}
