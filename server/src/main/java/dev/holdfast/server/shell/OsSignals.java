package dev.holdfast.server.shell;

import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/** Signals of the operating system. */
public final class OsSignals {

    /**
     * Has the handler called, on a thread of the JVM's, for each signal of that name from now on, in place of what the JVM
     * would do.
     *
     * @param name without {@code SIG}
     * @param handler gets the signal's number
     * @return whether the JVM allows that; it keeps some signals for itself, and those that it was started to ignore
     */
    public static boolean handle(String name, IntConsumer handler) {
        // By reflection: javac warns of this class, in a way that cannot be told not to, though every JDK has it.
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
                    .invoke(null, signalClass.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    private OsSignals() {}
}
