package dev.holdfast.statemachine;

import dev.holdfast.protocol.Caller;
import java.util.regex.Pattern;

/**
 * A token by which a peer becomes a member.
 *
 * @param hash its SHA-256, in 64 lower-case hexadecimal digits
 * @param name of the only member that it is good for; empty for any
 * @param expiresAtMs from when on it is good for nothing, in log time
 * @param maker who asked for it
 * @param userName of the peer that used it; empty if none has
 * @param userIncarnation of that peer's data folder; empty if none has
 * @param ended whether the peer that used it became a member, so that it lets nobody in any more
 * @param withdrawn whether it lets nobody in any more because somebody wanted it so
 */
public record JoinToken(
        String hash,
        String name,
        long expiresAtMs,
        Caller maker,
        String userName,
        String userIncarnation,
        boolean ended,
        boolean withdrawn) {
    private static final int ID_LENGTH = 12;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{" + ID_LENGTH + "}");

    /** One that nobody has used. */
    static JoinToken of(String hash, String name, long expiresAtMs, Caller maker) {
        return new JoinToken(hash, name, expiresAtMs, maker, "", "", false, false);
    }

    JoinToken usedBy(String peerName, String incarnation) {
        return new JoinToken(hash, name, expiresAtMs, maker, peerName, incarnation, ended, withdrawn);
    }

    JoinToken atItsEnd() {
        return new JoinToken(hash, name, expiresAtMs, maker, userName, userIncarnation, true, withdrawn);
    }

    JoinToken withdraw() {
        return new JoinToken(hash, name, expiresAtMs, maker, userName, userIncarnation, ended, true);
    }

    /** By which people tell it from others: the beginning of its hash, so it says nothing of the token itself. */
    public String id() {
        return hash.substring(0, ID_LENGTH);
    }

    /** Whether it has the form of an {@link #id}. */
    public static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** Whether a peer has used it. */
    public boolean isUsed() {
        return !userIncarnation.isEmpty();
    }

    /** Whether that peer has used it. */
    public boolean isUsedBy(String peerName, String incarnation) {
        return isUsed() && userName.equals(peerName) && userIncarnation.equals(incarnation);
    }
}
