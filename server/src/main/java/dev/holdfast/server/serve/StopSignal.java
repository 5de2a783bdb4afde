package dev.holdfast.server.serve;

import dev.holdfast.server.shell.ExitCode;
import dev.holdfast.server.shell.OsSignals;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * The wish that this process stops: a first SIGTERM or SIGINT, or another reason. A second signal ends the process at once.
 *
 * <p>A shutdown hook would not do: the JVM does not hear further signals while hooks run, and ends with the signal's code
 * whatever they did.
 */
final class StopSignal {
    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final AtomicBoolean signalled = new AtomicBoolean();

    /** Listens to both signals from now on. */
    static StopSignal listening() {
        StopSignal stop = new StopSignal();
        handle("TERM", stop::signalled);
        handle("INT", stop::signalled);
        return stop;
    }

    /**
     * Ends with the standard input, or with SIGTERM. An interrupt from the terminal goes to the parent and its children
     * alike, and is the parent's to handle.
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

    /** Completes with the first wish, and never fails. */
    CompletableFuture<Void> asked() {
        return asked.copy();
    }

    private static void handle(String signal, IntConsumer handler) {
        if (!OsSignals.handle(signal, handler)) {
            throw new IllegalStateException("this JVM lets nobody listen to SIG" + signal);
        }
    }
}
