package dev.holdfast.client.info;

/** How a lockable is locked. The same key names two different lockables, one of each kind. */
public enum LockableKind {
    /** By one owner at a time. */
    MUTEX,
    /** By as many owners as its permits allow. */
    SEMAPHORE
}
