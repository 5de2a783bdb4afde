package dev.holdfast.server.serve;

import java.io.IOException;

/** A child process holds on to its parent by it: it ends when the parent does, however that ended. */
final class StandardInput {
    /** Blocks until it ends. */
    static void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                // Only its end means something.
            }
        } catch (IOException e) {
            // Whoever wrote to it is gone.
        }
    }

    private StandardInput() {}
}
