package dev.holdfast.server.shell;

/** How the commands end; those from 64 to 78 are those of {@code sysexits.h}, where it has a word for it. */
public final class ExitCode {
    public static final int DONE = 0;

    /** It failed while it was at work, or was told not to do it. */
    public static final int FAILED = 1;

    public static final int USAGE = 2;

    /** No leader answered. */
    public static final int UNAVAILABLE = 69;

    /** A port or the data folder cannot be used. */
    public static final int UNUSABLE = 74;

    /** What is to be held was not acquired in time. */
    public static final int NOT_ACQUIRED = 75;

    /** What was held is lost, or was about to be. */
    public static final int LOST = 76;

    /** The configuration is wrong: to try again is in vain. */
    public static final int CONFIG = 78;

    /** The command to run cannot be run, as shells say it. */
    public static final int CANNOT_RUN = 126;

    /** Ended by a signal. */
    public static int ofSignal(int number) {
        return 128 + number;
    }

    private ExitCode() {}
}
