package dev.holdfast.http.internal;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Programs of this machine that tests use where they are there. */
public final class Programs {
    /** Whether it can be run. */
    public static boolean isInstalled(String program) {
        try {
            Process process = new ProcessBuilder(program, "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Programs() {}
}
