package dev.holdfast.client.internal.threads;

import org.slf4j.Logger;

/** Runs code that may throw anything, checked exceptions included: compilers other than Java's let them pass. */
public final class Safely {

    /** Runs the task, and logs what it throws. Throws nothing. */
    public static void run(Runnable task, Logger log, String message) {
        try {
            task.run();
        } catch (Throwable thrown) {
            warn(log, message, thrown);
        }
    }

    /** Throws nothing, also if the logging does. */
    public static void warn(Logger log, String message, Throwable thrown) {
        try {
            log.warn(message, thrown);
        } catch (Throwable logging) {
            // There is nobody left to tell.
        }
    }

    private Safely() {}
}
