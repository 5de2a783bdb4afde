package dev.holdfast.bench.cpu;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the processors have done up to a moment, in clock ticks.
 *
 * @param total all time of all processors
 * @param busy that of all processes
 * @param ours that of this process and of those that it started
 * @param compilers that of each of their JIT compilers' threads
 */
public record CpuReading(long total, long busy, long ours, Map<String, Long> compilers) {
    public CpuReading {
        compilers = Map.copyOf(compilers);
    }

    /** One of now; {@code null} where the system does not tell, which is everywhere but on Linux. */
    public static @Nullable CpuReading now() {
        ProcessHandle me = ProcessHandle.current();
        List<Long> ours = Stream.concat(Stream.of(me), me.descendants())
                .map(ProcessHandle::pid)
                .toList();
        return ProcFolder.SYSTEM.read(ours);
    }

    /** The shares from an earlier reading until now; {@code null} if there is none, or the system does not tell. */
    public static @Nullable CpuShares since(@Nullable CpuReading earlier) {
        return earlier == null ? null : earlier.until(now());
    }

    /**
     * The shares from this reading to a later one; {@code null} if there is none, or no time between them. Compilers that
     * have ended meanwhile are not seen, so theirs is a lower bound then.
     */
    public @Nullable CpuShares until(@Nullable CpuReading later) {
        if (later == null || later.total <= total) {
            return null;
        }
        long jit = 0;
        for (Map.Entry<String, Long> thread : later.compilers.entrySet()) {
            jit += Math.max(0, thread.getValue() - compilers.getOrDefault(thread.getKey(), 0L));
        }
        double all = (later.total - total) / 100.0;
        long others = later.busy - busy - (later.ours - ours);
        return new CpuShares(jit / all, Math.max(0, others / all));
    }
}
