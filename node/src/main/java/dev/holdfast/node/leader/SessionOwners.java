package dev.holdfast.node.leader;

import dev.holdfast.protocol.SessionId;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Whose the open sessions are, as one leader knows it. Those that are nobody's in particular are left out. Thread-safe. */
final class SessionOwners {
    private final Map<SessionId, String> principals = new ConcurrentHashMap<>();

    void opened(SessionId session, String principal) {
        if (!principal.isEmpty()) {
            principals.put(session, principal);
        }
    }

    void ended(SessionId session) {
        principals.remove(session);
    }

    /** How many sessions each has. */
    Map<String, Long> count() {
        return principals.values().stream()
                .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
    }

    /** Empty if it is nobody's, or not open. */
    String of(SessionId session) {
        return principals.getOrDefault(session, "");
    }
}
