package dev.holdfast.node;

/** Which holds a cluster keeps that begins with the state of another one, whose sessions have all ended. */
public enum KeptHolds {
    /** Those that are held until they are released. Those that a session keeps or that have a TTL are dropped. */
    UNTIL_RELEASED,
    NONE
}
