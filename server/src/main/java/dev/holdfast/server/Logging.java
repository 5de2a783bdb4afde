package dev.holdfast.server;

import java.util.logging.Level;
import java.util.logging.Logger;

/** Quiet logging for the executables, unless another configuration is given. */
final class Logging {
    private static final String CONFIGURATION = "logback.configurationFile";

    /** Must be called before anything logs. */
    static void set() {
        if (System.getProperty(CONFIGURATION) == null) {
            System.setProperty(CONFIGURATION, "holdfast-logback.xml");
        }
        // gRPC and the Netty in it log here; the root logger is never collected, so its level stays.
        Logger.getLogger("").setLevel(Level.SEVERE);
    }

    private Logging() {}
}
