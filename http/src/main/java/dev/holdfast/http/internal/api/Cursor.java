package dev.holdfast.http.internal.api;

import dev.holdfast.protocol.LockableKey;
import dev.holdfast.protocol.SessionId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** Where a page of a listing ends, in words that only this server has to understand. */
final class Cursor {
    /** The last session of a page, and the group that it is of. */
    record AfterSession(int group, SessionId session) {}

    static String of(LockableKey last) {
        return encoded(last.kind().name().toLowerCase(Locale.ROOT) + " " + last.key());
    }

    static LockableKey lockable(String cursor) {
        String[] words = decoded(cursor).split(" ", 2);
        if (words.length != 2) {
            throw unknown();
        }
        return new LockableKey(Parameters.kind(words[0]), words[1]);
    }

    /** @param number of the last change of a page */
    static String of(long number) {
        return encoded(Long.toString(number));
    }

    static long change(String cursor) {
        try {
            return Long.parseLong(decoded(cursor));
        } catch (NumberFormatException e) {
            throw unknown();
        }
    }

    static String of(AfterSession last) {
        return encoded(
                last.group + " " + Long.toHexString(last.session.high()) + " " + Long.toHexString(last.session.low()));
    }

    static AfterSession session(String cursor) {
        String[] words = decoded(cursor).split(" ", -1);
        try {
            if (words.length == 3) {
                return new AfterSession(
                        Integer.parseInt(words[0]),
                        new SessionId(Long.parseUnsignedLong(words[1], 16), Long.parseUnsignedLong(words[2], 16)));
            }
        } catch (NumberFormatException e) {
            // As one that has other words.
        }
        throw unknown();
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String cursor) {
        try {
            return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw unknown();
        }
    }

    private static Problem unknown() {
        return Problem.badRequest("'after' should be what an earlier page gave as 'next'");
    }

    private Cursor() {}
}
