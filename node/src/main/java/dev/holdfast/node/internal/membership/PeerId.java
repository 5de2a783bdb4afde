package dev.holdfast.node.internal.membership;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a peer is in Raft: the member's name, and the incarnation of its data folder. A folder that was emptied is another
 * incarnation, so nobody counts its vote in the old one's place.
 *
 * <p>See {@code docs/adr/016-incarnations.md}.
 *
 * @param name the member's
 * @param incarnation 16 hexadecimal digits; empty for a folder that was made before there were incarnations
 */
public record PeerId(String name, String incarnation) {
    private static final Pattern TEXT = Pattern.compile("([A-Za-z0-9._-]{1,64})(?:@([0-9a-f]{16}))?");
    private static final int INCARNATION_BYTES = 8;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Whether a member can have that name. */
    static boolean isName(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches() && matcher.group(2) == null;
    }

    /** One that nobody ever was. */
    public static PeerId random(String name) {
        byte[] incarnation = new byte[INCARNATION_BYTES];
        RANDOM.nextBytes(incarnation);
        return new PeerId(name, HexFormat.of().formatHex(incarnation));
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static PeerId parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" names no peer");
        }
        return new PeerId(matcher.group(1), matcher.group(2) == null ? "" : matcher.group(2));
    }

    /** The name in what {@link #toString} wrote. */
    public static String nameIn(String text) {
        int end = text.indexOf('@');
        return end < 0 ? text : text.substring(0, end);
    }

    /** {@code name@incarnation}, as Raft has it. */
    @Override
    public String toString() {
        return incarnation.isEmpty() ? name : name + "@" + incarnation;
    }
}
