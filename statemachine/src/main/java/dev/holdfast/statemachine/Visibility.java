package dev.holdfast.statemachine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What of the state somebody may see in listings: lockables whose keys have one of some prefixes, and the sessions of one principal,
 * or all of them.
 */
public final class Visibility {
    public static final Visibility ALL = new Visibility(List.of(""), null);

    /** In their order; none is the beginning of another. */
    private final List<String> keyPrefixes;

    private final @Nullable String principal;

    private Visibility(List<String> keyPrefixes, @Nullable String principal) {
        this.keyPrefixes = keyPrefixes;
        this.principal = principal;
    }

    /**
     * The lockables with these prefixes.
     *
     * @param principal whose sessions can be seen; {@code null} for everybody's
     */
    public static Visibility of(Collection<String> keyPrefixes, @Nullable String principal) {
        List<String> needed = new ArrayList<>();
        for (String prefix : new TreeSet<>(keyPrefixes)) {
            // In this order, what has an earlier one as its beginning follows it at once.
            if (needed.isEmpty() || !prefix.startsWith(needed.get(needed.size() - 1))) {
                needed.add(prefix);
            }
        }
        return new Visibility(List.copyOf(needed), principal);
    }

    @Nullable
    String principal() {
        return principal;
    }

    /** The prefixes of what has this prefix too and can be seen, in their order; none is the beginning of another. */
    List<String> within(String keyPrefix) {
        List<String> within = new ArrayList<>();
        for (String prefix : keyPrefixes) {
            if (keyPrefix.startsWith(prefix)) {
                return List.of(keyPrefix);
            }
            if (prefix.startsWith(keyPrefix)) {
                within.add(prefix);
            }
        }
        return within;
    }
}
