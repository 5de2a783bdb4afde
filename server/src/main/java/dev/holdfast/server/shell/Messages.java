package dev.holdfast.server.shell;

import java.nio.file.FileSystemException;
import java.util.Locale;

/** Turns failures into one line for people. */
public final class Messages {
    /** The message, and the messages of its causes if they add something. */
    public static String of(Throwable failure) {
        StringBuilder text = new StringBuilder(own(failure));
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            String more = own(cause);
            if (text.indexOf(more) < 0) {
                text.append(": ").append(more);
            }
        }
        return text.toString().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String own(Throwable failure) {
        String message = failure.getMessage();
        if (message == null) {
            return kind(failure);
        }
        // Often the message is only the path, and the class tells what is wrong with it.
        boolean pathAlone = failure instanceof FileSystemException e && e.getReason() == null;
        return pathAlone ? message + ": " + kind(failure) : message;
    }

    /** {@code AccessDeniedException} is "access denied". */
    private static String kind(Throwable failure) {
        return failure.getClass()
                .getSimpleName()
                .replaceAll("Exception$", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
                .toLowerCase(Locale.ROOT);
    }

    private Messages() {}
}
