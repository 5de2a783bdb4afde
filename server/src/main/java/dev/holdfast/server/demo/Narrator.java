package dev.holdfast.server.demo;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Prints the demo's lines, in UTF-8 whatever the locale. May be used from any thread. */
final class Narrator {
    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    void plain(String text) {
        out.println(text);
    }

    void title(int number, String text) {
        out.println();
        out.println(number + "  " + text);
    }

    /** Prints what was done, and the result. */
    void line(String what, String result) {
        out.printf(Locale.ROOT, "     %-48s %s%n", what, result);
    }

    void held(String what) {
        out.println("   ✓ " + what);
    }

    void failed(String why) {
        out.println("   ✗ " + why);
    }

    static String millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos) + " ms";
    }

    static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
    }
}
