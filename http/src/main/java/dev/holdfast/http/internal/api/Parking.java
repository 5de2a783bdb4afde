package dev.holdfast.http.internal.api;

/** Where a connection is while its request waits, apart from those that are expected to be done soon. */
public interface Parking {
    /** For requests that came by no connection. */
    Parking NONE = () -> () -> {};

    /** Run at the end, once. */
    Runnable enter();
}
