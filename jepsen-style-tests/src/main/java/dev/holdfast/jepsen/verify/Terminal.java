package dev.holdfast.jepsen.verify;

import java.io.Console;

/** Whether somebody watches. */
final class Terminal {
    @SuppressWarnings("SystemConsoleNull") // What later versions of Java return is asked whether it is a terminal.
    static boolean isThere() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // Since Java 22 there is a console even where there is no terminal.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }

    private Terminal() {}
}
