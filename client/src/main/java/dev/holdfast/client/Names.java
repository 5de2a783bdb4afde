package dev.holdfast.client;

import dev.holdfast.client.errors.LockRequestRejectedException;
import dev.holdfast.client.errors.LockRequestRejectedException.Reason;
import dev.holdfast.protocol.Limits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks what users pass in, so that a wrong value is reported where it was passed. */
final class Names {

    /**
     * Checks a name that goes to the cluster. Control characters are refused since they make names that look alike, and
     * unpaired surrogates since UTF-8 has no bytes for them, so that two names would become one.
     *
     * @throws LockRequestRejectedException if it is empty, has a character that is not allowed, or is too long
     */
    static String check(String what, @Nullable String name, int bytesMax) {
        if (name == null || name.isEmpty()) {
            throw invalid(what + " must not be empty");
        }
        int bytes = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isISOControl(c)) {
                throw invalid(what + " has a control character at index " + i);
            }
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < name.length()
                    && Character.isLowSurrogate(name.charAt(i + 1));
            if (Character.isSurrogate(c) && !pair) {
                throw invalid(what + " has an unpaired surrogate at index " + i);
            }
            if (pair) {
                i++;
            }
            bytes += pair ? 4 : utf8Bytes(c);
        }
        if (bytes > bytesMax) {
            throw new LockRequestRejectedException(
                    Reason.TOO_LONG, what + " has " + bytes + " bytes in UTF-8; at most " + bytesMax + " are allowed");
        }
        return name;
    }

    /** Checks an owner's type or id, a host or a client's name. */
    static String checkName(String what, @Nullable String name) {
        return check(what, name, Limits.NAME_BYTES_MAX);
    }

    private static int utf8Bytes(char c) {
        if (c < 0x80) {
            return 1;
        }
        return c < 0x800 ? 2 : 3;
    }

    /**
     * Whole milliseconds, rounded up, so that a lease is never shorter than it was asked for.
     *
     * @throws LockRequestRejectedException if the duration is not positive, or above {@code maxMs}
     */
    static long checkMillis(String what, Duration duration, long maxMs) {
        if (duration.isZero() || duration.isNegative()) {
            throw invalid(what + " must be positive, but is " + duration);
        }
        if (duration.compareTo(Duration.ofMillis(maxMs)) > 0) {
            throw invalid(what + " is " + duration + ", longer than the maximum of " + Duration.ofMillis(maxMs));
        }
        long ms = duration.toMillis();
        return duration.compareTo(Duration.ofMillis(ms)) > 0 ? ms + 1 : ms;
    }

    static LockRequestRejectedException invalid(String detail) {
        return new LockRequestRejectedException(Reason.INVALID, detail);
    }

    private Names() {}
}
