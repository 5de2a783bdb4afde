package dev.holdfast.jepsen.invariant;

import dev.holdfast.jepsen.history.Call;
import dev.holdfast.jepsen.history.Operation;
import dev.holdfast.jepsen.history.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Owners that were seen waiting for a mutex, one ahead of the other, are granted it in that order: the later one gets
 * the greater token. One that gave up may come back, at the end of the queue.
 */
final class QueueOrder implements Invariant {
    private record Wait(Operation acquire, long token) {}

    @Override
    public String name() {
        return "queue order";
    }

    @Override
    public List<Violation> check(String key, List<Operation> operations) {
        Map<String, List<Wait>> grantsByOwner = new HashMap<>();
        for (Operation operation : operations) {
            if (operation.call() instanceof Call.Acquire call
                    && call.limit() == 1
                    && operation.result() instanceof Result.Granted granted) {
                grantsByOwner
                        .computeIfAbsent(call.owner(), owner -> new ArrayList<>())
                        .add(new Wait(operation, granted.token()));
            }
        }
        List<Violation> violations = new ArrayList<>();
        for (Operation operation : operations) {
            if (operation.result() instanceof Result.Seen seen) {
                check(key, operation, seen.waiting(), grantsByOwner, violations);
            }
        }
        return violations;
    }

    private void check(
            String key,
            Operation look,
            List<String> waiting,
            Map<String, List<Wait>> grantsByOwner,
            List<Violation> violations) {
        Wait before = null;
        for (String owner : waiting) {
            Wait wait = waitSeenBy(look, grantsByOwner.getOrDefault(owner, List.of()));
            if (wait == null) {
                continue;
            }
            if (before != null && before.token > wait.token) {
                violations.add(new Violation(
                        name(),
                        key,
                        owner + " was granted " + wait.token + " before one ahead of it was granted " + before.token,
                        List.of(look, before.acquire, wait.acquire)));
            }
            before = before == null || wait.token > before.token ? wait : before;
        }
    }

    /** The owner's grant for which it must have been waiting throughout the inspection; {@code null} if unclear. */
    private static @Nullable Wait waitSeenBy(Operation look, List<Wait> grants) {
        for (Wait grant : grants) {
            if (grant.acquire.invokedNanos() <= look.invokedNanos()
                    && grant.acquire.completedNanos() >= look.completedNanos()) {
                return grant;
            }
        }
        return null;
    }
}
