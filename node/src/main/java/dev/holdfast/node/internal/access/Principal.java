package dev.holdfast.node.internal.access;

import dev.holdfast.node.access.PrincipalNames;
import java.util.Set;

/**
 * Who speaks, as far as was proved.
 *
 * @param name the name; empty for somebody who gave no credentials
 * @param groups the groups that it is in, without their {@code @}
 */
public record Principal(String name, Set<String> groups) {
    /** Somebody who gave no credentials, where none are required. */
    public static final Principal ANONYMOUS = new Principal("", Set.of());

    public Principal {
        groups = Set.copyOf(groups);
    }

    /** The principal of a member, and of what is embedded in it. */
    public static Principal member(String id) {
        return new Principal(PrincipalNames.MEMBER + id, Set.of());
    }

    /** Whether it is a member. Clients cannot have such names. */
    public boolean isMember() {
        return name.startsWith(PrincipalNames.MEMBER);
    }

    /** For people to read. */
    @Override
    public String toString() {
        return name.isEmpty() ? "somebody without credentials" : "'" + name + "'";
    }
}
