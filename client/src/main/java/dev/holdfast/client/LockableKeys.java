package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import java.util.ArrayList;
import java.util.List;

/**
 * How the parts of a lockable become its key, and how a key is split again: parts are joined by {@code ':'}, and within a
 * part {@code ':'} is written {@code %3A} and {@code '%'} is written {@code %25}. So two lists of parts never have the same
 * key, and plain parts stand in the key as they are.
 */
public final class LockableKeys {
    private static final char SEPARATOR = ':';

    /** The key of these parts. Checks nothing: {@link Lockable} does. */
    public static String join(List<String> parts) {
        StringBuilder key = new StringBuilder();
        for (String part : parts) {
            if (key.length() > 0) {
                key.append(SEPARATOR);
            }
            escape(part, key);
        }
        return key.toString();
    }

    /**
     * The parts of a key, as they were joined.
     *
     * @throws LockRequestRejectedException if no list of non-empty parts has this key
     */
    public static List<String> split(String key) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= key.length(); i++) {
            if (i == key.length() || key.charAt(i) == SEPARATOR) {
                if (i == start) {
                    throw Names.invalid("the key '" + key + "' has an empty part");
                }
                parts.add(unescape(key, start, i));
                start = i + 1;
            }
        }
        return List.copyOf(parts);
    }

    private static void escape(String part, StringBuilder to) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            switch (c) {
                case SEPARATOR -> to.append("%3A");
                case '%' -> to.append("%25");
                default -> to.append(c);
            }
        }
    }

    private static String unescape(String key, int from, int to) {
        StringBuilder part = new StringBuilder();
        for (int i = from; i < to; i++) {
            char c = key.charAt(i);
            if (c != '%') {
                part.append(c);
            } else if (key.startsWith("%3A", i) && i + 3 <= to) {
                part.append(SEPARATOR);
                i += 2;
            } else if (key.startsWith("%25", i) && i + 3 <= to) {
                part.append('%');
                i += 2;
            } else {
                throw Names.invalid("the key '" + key + "' has a '%' at index " + i + " that escapes nothing");
            }
        }
        return part.toString();
    }

    private LockableKeys() {}
}
