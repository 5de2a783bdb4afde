package dev.holdfast.server.shell;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Signals that the operating system sends to this process. */
public final class OsSignals {

    /** Puts back what handled a signal before. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Calls the handler, on a thread of the JVM's, for each signal of that name from now on, in place of what the JVM would
     * do.
     *
     * @param name without {@code SIG}
     * @param handler gets the signal's number
     * @return {@code null} if the JVM does not allow it: it keeps some signals for itself, and those that it was started to
     *     ignore
     */
    public static @Nullable Registration handle(String name, IntConsumer handler) {
        // By reflection: javac warns of this class, in a way that cannot be suppressed, though every JDK has it.
        try {
            Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
            Object signal = Class.forName("sun.misc.Signal")
                    .getConstructor(String.class)
                    .newInstance(name);
            InvocationHandler calls = (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    handler.accept(
                            (int) signal.getClass().getMethod("getNumber").invoke(arguments[0]));
                }
                return null;
            };
            Object before = set(
                    signal,
                    handlerClass,
                    Proxy.newProxyInstance(handlerClass.getClassLoader(), new Class<?>[] {handlerClass}, calls));
            return () -> putBack(signal, handlerClass, before);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    private static void putBack(Object signal, Class<?> handlerClass, Object before) {
        try {
            set(signal, handlerClass, before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object set(Object signal, Class<?> handlerClass, Object handler)
            throws ReflectiveOperationException {
        return signal.getClass()
                .getMethod("handle", signal.getClass(), handlerClass)
                .invoke(null, signal, handler);
    }

    private OsSignals() {}
}
