package dev.holdfast.spring.boot;

/** How an application takes part in a cluster. */
public enum HoldfastMode {
    /** As a client of peers that run elsewhere. */
    THIN,
    /** With a peer of its own, in this process. */
    EMBEDDED
}
