package dev.holdfast.jepsen.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that no process started here outlives this JVM, not even one that is paused, and not even after a kill -9
 * of this JVM: a small shell keeps a list of them, and kills those left on it when its standard input ends.
 */
public final class Watchdog {
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

    /** From now on the process ends with this JVM, at the latest. */
    public static void guard(Process process) throws IOException {
        tell("+", process.pid());
        // Its id may be another's, later.
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
