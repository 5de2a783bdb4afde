package dev.holdfast.bench.cpu;

/**
 * The text of {@code /proc/PID/stat} or {@code /proc/PID/task/TID/stat}.
 *
 * @param name which Linux cuts after 15 characters
 * @param ticks the processor time of the process, or of the thread
 * @param ticksOfEnded that of the process's children that have ended
 */
record TaskStat(String name, long ticks, long ticksOfEnded) {
    private static final int AFTER_NAME = 2;
    private static final int USER = 11;
    private static final int SYSTEM = 12;
    private static final int USER_OF_ENDED = 13;
    private static final int SYSTEM_OF_ENDED = 14;

    /** @throws IllegalArgumentException if that is not such a text */
    static TaskStat parse(String text) {
        // A name may contain spaces and parentheses.
        int open = text.indexOf('(');
        int close = text.lastIndexOf(')');
        if (open < 0 || close < open) {
            throw new IllegalArgumentException("no name in '" + text + "'");
        }
        String[] words =
                text.substring(Math.min(close + AFTER_NAME, text.length())).split(" ", -1);
        if (words.length <= SYSTEM_OF_ENDED) {
            throw new IllegalArgumentException("no processor times in '" + text + "'");
        }
        return new TaskStat(
                text.substring(open + 1, close),
                Long.parseLong(words[USER]) + Long.parseLong(words[SYSTEM]),
                Long.parseLong(words[USER_OF_ENDED]) + Long.parseLong(words[SYSTEM_OF_ENDED]));
    }

    /** Whether it is a thread of HotSpot that compiles. */
    boolean compiles() {
        return name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler");
    }
}
