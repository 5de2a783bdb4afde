package dev.holdfast.node.internal.access;

import dev.holdfast.node.access.AccessOptions;
import dev.holdfast.protocol.Rule;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one principal may at this moment, by the rules that this peer has applied. They are looked through again when they
 * have changed.
 */
public final class CurrentRights {
    private record Compiled(List<Rule> rules, Rights rights) {}

    private final Principal principal;
    private final Supplier<List<Rule>> rules;
    private volatile Compiled compiled;

    private CurrentRights(Principal principal, Supplier<List<Rule>> rules, Compiled first) {
        this.principal = principal;
        this.rules = rules;
        this.compiled = first;
    }

    /**
     * Those of that principal.
     *
     * @param rules the rules of the cluster; as long as they are the same, it gives the same object
     */
    public static CurrentRights of(Principal principal, AccessOptions options, Supplier<List<Rule>> rules) {
        if (!options.required() || principal.isMember() || options.admins().contains(principal.name())) {
            return all();
        }
        List<Rule> now = rules.get();
        return new CurrentRights(principal, rules, new Compiled(now, Rights.of(principal, now)));
    }

    /** Everything, always. */
    public static CurrentRights all() {
        List<Rule> none = List.of();
        return new CurrentRights(Principal.ANONYMOUS, () -> none, new Compiled(none, Rights.ALL));
    }

    /** Whether it may look after the cluster. */
    public boolean isAdmin() {
        return now().isAdmin();
    }

    /** What is missing to read about every key, in words; {@code null} if nothing is. */
    public @Nullable String missingToReadAll() {
        return new Judge(principal, now()).missingToReadAll();
    }

    Rights now() {
        List<Rule> latest = rules.get();
        Compiled known = compiled;
        if (known.rules != latest) {
            known = new Compiled(latest, Rights.of(principal, latest));
            compiled = known;
        }
        return known.rights;
    }
}
