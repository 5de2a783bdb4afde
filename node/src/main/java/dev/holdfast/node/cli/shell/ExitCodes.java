package dev.holdfast.node.cli.shell;

/** What the commands exit with, after {@code sysexits.h} where it has a word for it. */
public final class ExitCodes {
    public static final int DONE = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    /** No leader answered. */
    public static final int UNAVAILABLE = 69;
    /** The lock was not got in time. */
    public static final int NOT_ACQUIRED = 75;
    /** The lock was lost, or about to be, while the command ran. */
    public static final int LOST = 76;
    /** Signals count from here. */
    public static final int SIGNALLED = 128;

    private ExitCodes() {}
}
