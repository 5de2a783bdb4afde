package dev.holdfast.server.serve;

import dev.holdfast.server.process.Daemons;
import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.OsSignals;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * Tells that this process is to stop: on a first SIGTERM or SIGINT, or for another reason. A second signal ends the process at
 * once.
 *
 * <p>A shutdown hook would not do: the JVM handles no further signals while hooks run, and ends with the signal's code whatever
 * they did.
 */
final class StopSignal {
    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final AtomicBoolean signalled = new AtomicBoolean();

    /** Handles both signals from now on. */
    static StopSignal listening() {
        StopSignal stop = new StopSignal();
        handle("TERM", stop::signalled);
        handle("INT", stop::signalled);
        return stop;
    }

    /**
     * Stops on SIGTERM, or when standard input ends. SIGINT is ignored: the terminal sends it to the parent and its children
     * alike, and the parent handles it.
     */
    static StopSignal listeningAsChild() {
        StopSignal stop = new StopSignal();
        handle("TERM", stop::signalled);
        handle("INT", number -> {});
        Daemons.start("end-of-input", () -> {
            StandardInput.awaitEnd();
            stop.ask();
        });
        return stop;
    }

    private void signalled(int number) {
        if (signalled.getAndSet(true)) {
            Runtime.getRuntime().halt(ExitCode.ofSignal(number));
        }
        ask();
    }

    void ask() {
        asked.complete(null);
    }

    boolean isAsked() {
        return asked.isDone();
    }

    /** Completes when the process is first asked to stop, and never fails. */
    CompletableFuture<Void> asked() {
        return asked.copy();
    }

    private static void handle(String signal, IntConsumer handler) {
        if (OsSignals.handle(signal, handler) == null) {
            throw new IllegalStateException("this JVM does not let SIG" + signal + " be handled");
        }
    }
}
