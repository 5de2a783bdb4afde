package dev.holdfast.protocol;

/** What a {@link Rule} lets its subject do with lockables whose keys have the rule's prefix. */
public enum Role {
    /** See who holds and who waits. */
    READ,
    /** Acquire and release as well. */
    LOCK,
    /** Take from others as well. */
    FORCE,
    /** Everything, for every key: rules, other people's sessions, the audit. */
    ADMIN;

    /** Whether it includes what the other one allows, as far as both are about the same keys. */
    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }
}
