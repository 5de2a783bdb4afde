package dev.holdfast.node.internal.access;

import dev.holdfast.protocol.Owner;
import dev.holdfast.protocol.OwnerBinding;
import dev.holdfast.protocol.Role;
import dev.holdfast.protocol.Rule;
import dev.holdfast.statemachine.Visibility;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What one principal may: those of the rules that are about it. Immutable. */
final class Rights {
    /** Everything. */
    static final Rights ALL = new Rights(Principal.ANONYMOUS, List.of(), true);

    private final Principal principal;
    private final List<Rule> rules;
    private final boolean isAdmin;
    private final Visibility visibility;

    private Rights(Principal principal, List<Rule> rules, boolean isAdmin) {
        this.principal = principal;
        this.rules = rules;
        this.isAdmin = isAdmin;
        this.visibility = isAdmin
                ? Visibility.ALL
                : Visibility.of(rules.stream().map(Rule::keyPrefix).toList(), principal.name());
    }

    static Rights of(Principal principal, Collection<Rule> all) {
        List<Rule> about = new ArrayList<>();
        boolean isAdmin = false;
        for (Rule rule : all) {
            if (isAbout(rule.subject(), principal)) {
                about.add(rule);
                isAdmin |= rule.role() == Role.ADMIN;
            }
        }
        return new Rights(principal, List.copyOf(about), isAdmin);
    }

    private static boolean isAbout(String subject, Principal principal) {
        return subject.equals(Rule.EVERYONE)
                || subject.equals(principal.name())
                || (subject.startsWith("@") && principal.groups().contains(subject.substring(1)));
    }

    boolean isAdmin() {
        return isAdmin;
    }

    /** Whether it may do nothing at all. */
    boolean isNone() {
        return !isAdmin && rules.isEmpty();
    }

    /** What of listings it may see. */
    Visibility visibility() {
        return visibility;
    }

    boolean may(Role role, String key) {
        if (isAdmin) {
            return true;
        }
        for (Rule rule : rules) {
            if (rule.role().includes(role) && key.startsWith(rule.keyPrefix())) {
                return true;
            }
        }
        return false;
    }

    /** Whether it may lock that key for that owner. */
    boolean mayLock(String key, Owner owner) {
        if (isAdmin) {
            return true;
        }
        for (Rule rule : rules) {
            if (rule.role().includes(Role.LOCK) && key.startsWith(rule.keyPrefix()) && allows(rule.binding(), owner)) {
                return true;
            }
        }
        return false;
    }

    private boolean allows(OwnerBinding binding, Owner owner) {
        return switch (binding) {
            case ANY -> true;
            case OWNER -> owner.id().equals(principal.name());
            case WITHIN -> owner.within() != null && owner.within().id().equals(principal.name());
        };
    }
}
