package dev.holdfast.node.access;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What can be the name of a principal or a group: something that a rule can name, so no spaces and no commas. Names with a colon
 * in them are fine, but those that begin with {@code member:} are the members' own.
 */
public final class PrincipalNames {
    /** What the name of a member's principal begins with; its id follows. */
    public static final String MEMBER = "member:";

    private static final int BYTES_MAX = 255;

    /** What is wrong with the name of a client, to be read after "the name"; {@code null} if nothing is. */
    public static @Nullable String problem(String name) {
        if (name.startsWith(MEMBER)) {
            return "is a member's";
        }
        if (name.startsWith("@")) {
            return "begins with '@', as groups do";
        }
        return problemOfGroup(name);
    }

    /** The same for that of a group, without its {@code @}. */
    public static @Nullable String problemOfGroup(String name) {
        if (name.isEmpty()) {
            return "is empty";
        }
        if (name.equals("*")) {
            return "stands for everybody";
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
            return "is longer than " + BYTES_MAX + " bytes";
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == ',' || Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                return "has a space or a comma in it, so that no rule can name it";
            }
            if (Character.isISOControl(c)) {
                return "has a control character in it";
            }
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < name.length()
                    && Character.isLowSurrogate(name.charAt(i + 1));
            if (pair) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return "is not valid Unicode";
            }
        }
        return null;
    }

    private PrincipalNames() {}
}
