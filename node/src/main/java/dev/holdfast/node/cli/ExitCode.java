package dev.holdfast.node.cli;

/** How the processes of this module end; those above 2 are those of sysexits.h. */
final class ExitCode {
    static final int DONE = 0;

    /** It failed while it was at work. */
    static final int FAILED = 1;

    /** A port or the data folder cannot be used. */
    static final int UNUSABLE = 74;

    /** The configuration is wrong: to try again is in vain. */
    static final int CONFIG = 78;

    /** Ended by a signal that was not to be waited for. */
    static int ofSignal(int number) {
        return 128 + number;
    }

    private ExitCode() {}
}
