package dev.holdfast.client.internal.facade;

import dev.holdfast.client.HoldfastClient;

/** Closes a client when the JVM shuts down. */
final class ShutdownHook {
    private final Thread thread;

    private ShutdownHook(Thread thread) {
        this.thread = thread;
    }

    /** Does nothing if the JVM is shutting down already. */
    static ShutdownHook closing(HoldfastClient client, String name) {
        Thread thread = new Thread(null, client::close, name + "-close", 0, false);
        try {
            Runtime.getRuntime().addShutdownHook(thread);
        } catch (IllegalStateException shuttingDown) {
            // The client is closed by its lease then, as without a hook.
        }
        return new ShutdownHook(thread);
    }

    /** The client is closed, so nothing is left to do, and nothing is retained. */
    void withdraw() {
        try {
            Runtime.getRuntime().removeShutdownHook(thread);
        } catch (IllegalStateException shuttingDown) {
            // It is what closes the client, or finds it closed.
        }
    }
}
