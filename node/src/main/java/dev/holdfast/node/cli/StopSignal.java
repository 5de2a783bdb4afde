package dev.holdfast.node.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
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

    /** By reflection: javac warns of this class, in a way that cannot be told not to, though every JDK has it. */
    private static void handle(String signal, IntConsumer handler) {
        try {
            Class<?> signalClass = Class.forName("sun.misc.Signal");
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    handlerClass.getClassLoader(), new Class<?>[] {handlerClass}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handler.accept(
                                    (int) signalClass.getMethod("getNumber").invoke(arguments[0]));
                        }
                        return null;
                    });
            signalClass
                    .getMethod("handle", signalClass, handlerClass)
                    .invoke(null, signalClass.getConstructor(String.class).newInstance(signal), proxy);
        } catch (ReflectiveOperationException e) {
            Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
            throw new IllegalStateException("this JVM lets nobody listen to SIG" + signal, cause);
        }
    }
}
