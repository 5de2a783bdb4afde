package dev.holdfast.protocol;

import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Identifies one session: 64 random bits that its client chose, and a number that the cluster assigned and never
 * assigns again. Whoever knows the id may act as that session, so people are shown its
 * {@linkplain #shortForm() short form}. Why the cluster assigns part of it: {@code
 * docs/adr/003-session-ids-come-from-the-machine.md}.
 *
 * @param high the client's nonce
 * @param low the cluster's number, from 1; 0 until the session is open
 */
public record SessionId(long high, long low) implements Comparable<SessionId> {
    /** The all-zero id, which no session has. */
    public static final SessionId NONE = new SessionId(0, 0);

    private static final SecureRandom RANDOM = new SecureRandom();

    /** An id to open a session under: a fresh nonce, and no number yet. */
    public static SessionId unopened() {
        return new SessionId(RANDOM.nextLong(), 0);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high * 31 + low);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SessionId that && high == that.high && low == that.low;
    }

    @Override
    public int compareTo(SessionId other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** The first 8 hexadecimal digits: enough to tell sessions apart, too few to impersonate one. */
    public String shortForm() {
        return String.format("%016x", high).substring(0, 8);
    }

    @Override
    public String toString() {
        return shortForm();
    }
}
