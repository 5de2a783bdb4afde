package dev.holdfast.node.internal.access;

/** Why somebody at the client port was refused. */
public enum Denial {
    /** Credentials are required, and there were none. */
    NO_CREDENTIALS,
    /** There is something where a token is expected, but nothing that could be one. */
    NOT_A_TOKEN,
    /** A token that is in no file. */
    UNKNOWN_TOKEN,
    EXPIRED,
    NOT_YET_VALID,
    /** A JWT of another issuer. */
    OTHER_ISSUER,
    /** A JWT that is meant for others. */
    OTHER_AUDIENCE,
    /** A JWT that is signed by a key that is not among the issuer's. */
    UNKNOWN_KEY,
    /** A JWT that is not signed, or in a way that does not prove who signed it. */
    NOT_SIGNED,
    /** A JWT that the key it names did not sign. */
    WRONG_SIGNATURE,
    /** The keys of the issuer cannot be read now. */
    KEYS_UNAVAILABLE,
    /** A name that no rule could name, or one that is a member's. */
    UNFIT_NAME,
    /** Somebody claims to be a member, and does not prove it. */
    NOT_A_MEMBER,
    /** What proves that a member speaks was used before, or was meant for another. */
    REPLAYED,
    /** It is known who it is, and that one may not do this. */
    FORBIDDEN,
    /** Somebody else's session was used. */
    OTHERS_SESSION,
    /** There is too much to check already. */
    BUSY;

    /** Whether the same credentials will be refused again. */
    public boolean isFinal() {
        return this != BUSY && this != KEYS_UNAVAILABLE;
    }
}
