package dev.holdfast.statemachine;

import dev.holdfast.protocol.Rule;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The rules: one for each subject and prefix. */
final class RuleTable {
    private record Key(String subject, String keyPrefix) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::subject).thenComparing(Key::keyPrefix);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    private final NavigableMap<Key, Rule> rules = new TreeMap<>();
    private final Footprint total;

    /** What is listed; {@code null} since the rules have changed. */
    private @Nullable List<Rule> list;

    RuleTable(Footprint total) {
        this.total = total;
    }

    /** All, in the order of subjects and prefixes. The same object as before, unless they have changed. */
    List<Rule> list() {
        List<Rule> known = list;
        if (known == null) {
            known = List.copyOf(rules.values());
            list = known;
        }
        return known;
    }

    int size() {
        return rules.size();
    }

    /** The rule for that subject and that prefix. */
    @Nullable
    Rule find(Rule like) {
        return rules.get(keyOf(like));
    }

    void put(Rule rule) {
        Rule before = rules.put(keyOf(rule), rule);
        if (rule.equals(before)) {
            return;
        }
        total.add(Footprint.of(rule) - (before == null ? 0 : Footprint.of(before)));
        list = null;
    }

    void remove(Rule rule) {
        if (rules.remove(keyOf(rule), rule)) {
            total.add(-Footprint.of(rule));
            list = null;
        }
    }

    private static Key keyOf(Rule rule) {
        return new Key(rule.subject(), rule.keyPrefix());
    }
}
