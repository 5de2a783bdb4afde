package dev.holdfast.bench.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Who else used the processors while something was measured, each in percent of all of them.
 *
 * @param jit the JIT compilers of the bench and of the peers and clients that it started
 * @param others all processes that do not belong to the measurement
 */
public record CpuShares(double jit, double others) {
    /** In percent of all processors. */
    static final double DISTURBED = 5;

    /** Who disturbed the measurement, for people; empty if nobody did. */
    public String disturbers() {
        List<String> names = new ArrayList<>();
        if (jit > DISTURBED) {
            names.add("JIT compilers");
        }
        if (others > DISTURBED) {
            names.add("other processes");
        }
        return String.join(" and ", names);
    }

    /** The first of them, for people; a dash if it is not known. */
    public static String jitOf(@Nullable CpuShares shares) {
        return shares == null ? "-" : percent(shares.jit);
    }

    /** The second of them, for people; a dash if it is not known. */
    public static String othersOf(@Nullable CpuShares shares) {
        return shares == null ? "-" : percent(shares.others);
    }

    /** What follows at the end of a line; empty if nothing disturbed. */
    public static String remark(@Nullable CpuShares shares) {
        return shares == null || shares.disturbers().isEmpty() ? "" : ", disturbed by " + shares.disturbers();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", share);
    }
}
