package dev.holdfast.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of what is allowed, such as {@code alice lock orders/}, {@code @ops force *} or {@code tenant1 lock t1/ owner}. There is
 * at most one rule for each subject and prefix. What any rule allows is allowed; no rule takes away from another.
 *
 * <p>The text is the subject, the role in lower case, the prefix, and perhaps {@code owner} or {@code within}, with blanks in
 * between. {@code *} stands for the empty prefix, thus for every key. A subject or a prefix with blanks, and a prefix that ends in a
 * {@code *} of its own, is put in double quotes; in these, a backslash comes before each double quote and each backslash.
 *
 * @param subject the name of a principal, {@code @} and the name of a group, or {@link #EVERYONE}
 * @param keyPrefix the rule is about keys that start with this; empty for all, as it must be for {@link Role#ADMIN}
 * @param binding for whom the subject may lock; {@link OwnerBinding#ANY} unless the role is {@link Role#LOCK}
 */
public record Rule(String subject, Role role, String keyPrefix, OwnerBinding binding) {
    /** The subject that stands for every principal. */
    public static final String EVERYONE = "*";

    private static final String EVERY_KEY = "*";

    private static final String FORM =
            "a rule is 'SUBJECT ROLE PREFIX', such as 'alice lock orders/', perhaps followed by 'owner' or 'within'";

    /** What is wrong with how its parts fit together; {@code null} if nothing is. */
    public @Nullable String problem() {
        if (subject.equals("@")) {
            return "a '@' is followed by the name of a group";
        }
        if (role == Role.ADMIN && !keyPrefix.isEmpty()) {
            return "an admin may do everything with every key: write '*' for the prefix";
        }
        return role != Role.LOCK && binding != OwnerBinding.ANY
                ? "only a rule for 'lock' can end in '" + lowerCase(binding) + "'"
                : null;
    }

    /**
     * Reads a rule. Whether its texts have an allowed length is decided when it is put.
     *
     * @throws IllegalArgumentException if the text is not a rule; the message quotes the text and says what is wrong
     */
    public static Rule parse(String text) {
        try {
            return parse(words(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a rule: '" + text + "': " + e.getMessage(), e);
        }
    }

    private static Rule parse(List<Word> words) {
        if (words.size() < 3 || words.size() > 4) {
            throw new IllegalArgumentException(FORM);
        }
        Word prefix = words.get(2);
        if (!prefix.quoted && prefix.text.length() > 1 && prefix.text.endsWith("*")) {
            throw new IllegalArgumentException(
                    "a prefix needs no '*' at its end; if keys do have one there, put the prefix in double quotes");
        }
        Rule rule = new Rule(
                words.get(0).text,
                role(words.get(1).text),
                !prefix.quoted && prefix.text.equals(EVERY_KEY) ? "" : prefix.text,
                words.size() == 3 ? OwnerBinding.ANY : binding(words.get(3).text));
        String problem = rule.problem();
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        return rule;
    }

    private static Role role(String text) {
        for (Role role : Role.values()) {
            if (text.equals(lowerCase(role))) {
                return role;
            }
        }
        throw new IllegalArgumentException(
                "there is no role '" + text + "'; the roles are 'read', 'lock', 'force' and 'admin'");
    }

    private static OwnerBinding binding(String text) {
        for (OwnerBinding binding : List.of(OwnerBinding.OWNER, OwnerBinding.WITHIN)) {
            if (text.equals(lowerCase(binding))) {
                return binding;
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' after the prefix; only 'owner' and 'within' may stand there");
    }

    private record Word(String text, boolean quoted) {}

    private static List<Word> words(String text) {
        List<Word> words = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) == ' ') {
                at++;
            } else if (text.charAt(at) == '"') {
                StringBuilder word = new StringBuilder();
                at = unquote(text, at + 1, word);
                words.add(new Word(word.toString(), true));
            } else {
                int end = text.indexOf(' ', at);
                end = end < 0 ? text.length() : end;
                words.add(new Word(text.substring(at, end), false));
                at = end;
            }
        }
        return words;
    }

    /** Returns the place behind the closing quote. */
    private static int unquote(String text, int from, StringBuilder word) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                at++;
            }
            word.append(text.charAt(at));
            at++;
        }
        if (at == text.length()) {
            throw new IllegalArgumentException("a double quote is not closed");
        }
        if (at + 1 < text.length() && text.charAt(at + 1) != ' ') {
            throw new IllegalArgumentException("a blank is missing after a double quote");
        }
        return at + 1;
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        String line = quoted(subject) + " " + lowerCase(role) + " "
                + (keyPrefix.isEmpty() ? EVERY_KEY : keyPrefix.endsWith("*") ? quote(keyPrefix) : quoted(keyPrefix));
        return binding == OwnerBinding.ANY ? line : line + " " + lowerCase(binding);
    }

    private static String quoted(String text) {
        return text.isEmpty() || text.indexOf(' ') >= 0 || text.startsWith("\"") ? quote(text) : text;
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
