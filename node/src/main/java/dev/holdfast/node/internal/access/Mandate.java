package dev.holdfast.node.internal.access;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For whom a member speaks at the client port of another: somebody who asked it by another way than that port, such as HTTP, and whom it
 * has asked who it is. The value of the header {@code authorization} is then {@code holdfast-for WHOM}, and behind it a member's ticket
 * where members have no certificates. A peer that knows nothing of this refuses it.
 *
 * <p>See {@code docs/adr/020-members-speak-for-others.md}.
 *
 * @param principal who asked the member
 * @param address where that one is, for people to read
 */
public record Mandate(Principal principal, String address) {
    static final String SCHEME = "holdfast-for";

    /** So that the headers of a call have room for it, whose limit is 8 KiB. */
    private static final int CHARACTERS_MAX = 6_000;

    private static final String PREFIX = SCHEME + " ";

    /** Whether it can be said at all: not of somebody who is in hundreds of groups. */
    public boolean canBeSaid() {
        return whom().length() <= CHARACTERS_MAX;
    }

    /** The value of the header, where a certificate says that a member speaks. */
    public String header() {
        return PREFIX + whom();
    }

    /** What the header says, without a ticket. */
    String whom() {
        StringBuilder text = new StringBuilder(encoded(address)).append('.').append(encoded(principal.name()));
        principal.groups().stream().sorted().forEach(group -> text.append('.').append(encoded(group)));
        return text.toString();
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whether that is the header of a member that speaks for another, or claims to. */
    public static boolean isIn(Credentials credentials) {
        String header = credentials.authorization();
        return header != null && header.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
    }

    /**
     * Where the one comes from who is meant by these credentials, for people to read. They have to have been checked: what is in them is
     * believed.
     */
    public static String origin(Credentials credentials) {
        String header = credentials.authorization();
        if (header == null || !isIn(credentials)) {
            return credentials.address();
        }
        Mandate found = parse(header.substring(PREFIX.length()).strip().split(" ", 2)[0]);
        return found == null ? credentials.address() : found.address;
    }

    /** What {@link #whom} wrote; {@code null} if it is not that. */
    static @Nullable Mandate parse(String whom) {
        List<String> parts = new ArrayList<>();
        try {
            for (String part : whom.split("\\.", -1)) {
                parts.add(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
            }
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (parts.size() < 2) {
            return null;
        }
        Set<String> groups = new HashSet<>(parts.subList(2, parts.size()));
        return new Mandate(new Principal(parts.get(1), groups), parts.get(0));
    }
}
