package dev.holdfast.protocol;

/** For whom the subject of a {@link Rule} may lock. */
public enum OwnerBinding {
    /** For any owner. */
    ANY,
    /** For owners whose id is the name of the principal. */
    OWNER,
    /** For owners within something whose id is the name of the principal. */
    WITHIN
}
