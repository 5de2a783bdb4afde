package dev.holdfast.server.shell;

/** How commands end. Codes from 64 to 78 are those of {@code sysexits.h} where it has one that fits. */
public final class ExitCode {
    public static final int DONE = 0;

    /** Failed while running, or the user said no. */
    public static final int FAILED = 1;

    public static final int USAGE = 2;

    /** The member was removed from its cluster; starting it again will not help. */
    public static final int REMOVED = 67;

    /** No leader answered. */
    public static final int UNAVAILABLE = 69;

    /** A port or the data folder cannot be used. */
    public static final int UNUSABLE = 74;

    /** The lock or the permits were not acquired in time. */
    public static final int NOT_ACQUIRED = 75;

    /** The hold was lost, or was about to be. */
    public static final int LOST = 76;

    /** The cluster does not know who this is, or does not allow it. */
    public static final int FORBIDDEN = 77;

    /** The configuration is wrong; retrying will not help. */
    public static final int CONFIG = 78;

    /** The command cannot be run; the code that shells use. */
    public static final int CANNOT_RUN = 126;

    /** Ended by a signal. */
    public static int ofSignal(int number) {
        return 128 + number;
    }

    private ExitCode() {}
}
