package dev.holdfast.node.internal.ratis;

import org.apache.ratis.util.ExitUtils;

/**
 * Keeps Ratis from ending the process that it is embedded in: it would call {@link System#exit} when its port is taken,
 * and, once that class is loaded, whenever any thread of the process has an uncaught exception.
 */
final class ExitGuard {
    static {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        ExitUtils.disableSystemExit();
        ExitUtils.setTerminateOnUncaughtException(false);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    /** From the first call on. */
    static void install() {
        // The work is done when this class is initialised, once.
    }

    private ExitGuard() {}
}
