package dev.holdfast.bench.cpu;

/**
 * The first line of {@code /proc/stat}: what all processors together have done since the start, in clock ticks.
 *
 * @param total all time
 * @param busy the time of processes, and what a hypervisor gave to other machines; without that of interrupts, which is
 *     no process's
 */
record MachineStat(long total, long busy) {
    private static final int USER = 1;
    private static final int NICE = 2;
    private static final int SYSTEM = 3;
    private static final int STEAL = 8;

    /** @throws IllegalArgumentException if that is not such a text */
    static MachineStat parse(String text) {
        String[] words = text.lines().findFirst().orElse("").trim().split("\\s+", -1);
        if (!words[0].equals("cpu") || words.length <= STEAL) {
            throw new IllegalArgumentException("no processor times in '" + text + "'");
        }
        long total = 0;
        // What follows is contained in the first two.
        for (int i = USER; i <= STEAL; i++) {
            total += Long.parseLong(words[i]);
        }
        long busy = 0;
        for (int i : new int[] {USER, NICE, SYSTEM, STEAL}) {
            busy += Long.parseLong(words[i]);
        }
        return new MachineStat(total, busy);
    }
}
