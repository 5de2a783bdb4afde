package dev.holdfast.server.serve;

import java.io.IOException;

/** Tells a child process that its parent has ended, however that ended. */
final class StandardInput {
    /** Blocks until it ends. */
    static void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                // Only the end matters.
            }
        } catch (IOException e) {
            // The writer is gone.
        }
    }

    private StandardInput() {}
}
