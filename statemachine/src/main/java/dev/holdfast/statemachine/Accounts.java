package dev.holdfast.statemachine;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose a session is, so that one client program gets a share of the room and not all of it, however many sessions it opens: its
 * principal's, or else its address's. Who has no principal, and comes from a loopback address or from nobody knows where, has no
 * account. Derived from the sessions, and never iterated.
 */
final class Accounts {
    private final Map<String, Account> byName = new HashMap<>();

    /** The account of such a caller, made if there is none; {@code null} if it has none. */
    @Nullable
    Account of(String principal, String address) {
        String name = name(principal, address);
        return name == null ? null : byName.computeIfAbsent(name, Account::new);
    }

    /** The account of such a caller; {@code null} if it has none, or has no session. */
    @Nullable
    Account find(String principal, String address) {
        String name = name(principal, address);
        return name == null ? null : byName.get(name);
    }

    void removeIfEmpty(Account account) {
        if (account.isEmpty()) {
            byName.remove(account.name());
        }
    }

    /** How many have sessions. */
    int size() {
        return byName.size();
    }

    private static @Nullable String name(String principal, String address) {
        if (!principal.isEmpty()) {
            return "principal '" + principal + "'";
        }
        return address.isEmpty() || isLoopback(address) ? null : "address " + address;
    }

    private static boolean isLoopback(String address) {
        return address.startsWith("127.") || address.startsWith("::1") || address.startsWith("0:0:0:0:0:0:0:1");
    }
}
