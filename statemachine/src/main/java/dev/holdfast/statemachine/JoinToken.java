package dev.holdfast.statemachine;

/**
 * A token by which a peer becomes a member.
 *
 * @param hash its SHA-256, in 64 lower-case hexadecimal digits
 * @param name of the only member that it is good for; empty for any
 * @param expiresAtMs from when on it is good for nothing, in log time
 * @param userName of the peer that used it; empty if none has
 * @param userIncarnation of that peer's data folder; empty if none has
 * @param ended whether the peer that used it became a member, so that it lets nobody in any more
 */
public record JoinToken(
        String hash, String name, long expiresAtMs, String userName, String userIncarnation, boolean ended) {

    /** Whether a peer has used it. */
    public boolean isUsed() {
        return !userIncarnation.isEmpty();
    }

    /** Whether that peer has used it. */
    public boolean isUsedBy(String peerName, String incarnation) {
        return isUsed() && userName.equals(peerName) && userIncarnation.equals(incarnation);
    }
}
