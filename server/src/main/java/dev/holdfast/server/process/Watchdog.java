package dev.holdfast.server.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Kills the processes that it guards when this JVM ends, even if they are suspended and even if this JVM is killed: a small
 * shell keeps the list of them, and kills what is left on it when its standard input ends.
 */
final class Watchdog {
    private static final String SCRIPT = """
            trap '' INT TERM HUP
            pids=
            while read -r op pid; do
              case $op in
                +) pids="$pids $pid" ;;
                -) left=; for p in $pids; do [ "$p" = "$pid" ] || left="$left $p"; done; pids=$left ;;
              esac
            done
            [ -z "$pids" ] || kill -KILL $pids
            """;

    private static @Nullable OutputStream input;

    /** Guards the process from now on, until it ends. */
    static void guard(Process process) throws IOException {
        tell("+", process.pid());
        // The system may give the process id to another process.
        process.onExit().thenAccept(ended -> forget(ended.pid()));
    }

    private static void forget(long pid) {
        try {
            tell("-", pid);
        } catch (IOException e) {
            // The watchdog is gone, and kills nobody.
            return;
        }
    }

    private static synchronized void tell(String op, long pid) throws IOException {
        OutputStream out = input;
        if (out == null) {
            out = new ProcessBuilder("/bin/sh", "-c", SCRIPT)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .getOutputStream();
            input = out;
        }
        out.write((op + " " + pid + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private Watchdog() {}
}
