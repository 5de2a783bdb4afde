package dev.holdfast.server.process;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** Sends signals of the operating system to other processes. */
public final class SignalSender {
    private static final long TIMEOUT_S = 10;

    /**
     * Sends a signal, and blocks until it is sent.
     *
     * @param signal its name without {@code SIG}
     * @param target a process id, or a process group's after a minus sign
     * @throws IOException if there is no such process, or the signal may not be sent to it
     */
    public static void send(String signal, String target) throws IOException, InterruptedException {
        if (!trySend(signal, target)) {
            throw new IOException("kill -" + signal + " " + target + " failed: no such process, or it is not allowed");
        }
    }

    /**
     * As {@link #send}, for a target that may have ended.
     *
     * @return whether it was sent; {@code false} if there is no such process, or the signal may not be sent to it
     * @throws IOException if the attempt could not be made
     */
    public static boolean trySend(String signal, String target) throws IOException, InterruptedException {
        // The shell's own kill: its form with a negative number is the same everywhere.
        Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -s \"$0\" -- \"$1\"", signal, target)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!kill.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            kill.destroyForcibly();
            throw new IOException("kill -" + signal + " " + target + " did not end within " + TIMEOUT_S + " s");
        }
        return kill.exitValue() == 0;
    }

    private SignalSender() {}
}
