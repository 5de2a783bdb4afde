package dev.holdfast.protocol;

/** What a lockable is used as. A mutex and a semaphore of the same key are two lockables. */
public enum LockableKind {
    MUTEX,
    SEMAPHORE
}
