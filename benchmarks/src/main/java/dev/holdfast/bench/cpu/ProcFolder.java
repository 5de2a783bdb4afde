package dev.holdfast.bench.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code /proc} of Linux. */
record ProcFolder(Path root) {
    static final ProcFolder SYSTEM = new ProcFolder(Path.of("/proc"));

    /**
     * Takes a reading.
     *
     * @param ours the processes that belong to the measurement; those that have ended meanwhile are left out
     * @return {@code null} where there is no such folder
     */
    @Nullable
    CpuReading read(Collection<Long> ours) {
        MachineStat machine;
        try {
            machine = MachineStat.parse(Files.readString(root.resolve("stat")));
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
        long ticks = 0;
        Map<String, Long> compilers = new HashMap<>();
        for (long pid : ours) {
            Path process = root.resolve(String.valueOf(pid));
            TaskStat stat = stat(process);
            if (stat != null) {
                ticks += stat.ticks() + stat.ticksOfEnded();
                compilers.putAll(compilers(process));
            }
        }
        return new CpuReading(machine.total(), machine.busy(), ticks, compilers);
    }

    private static Map<String, Long> compilers(Path process) {
        Map<String, Long> ticks = new HashMap<>();
        for (Path thread : threads(process)) {
            TaskStat stat = stat(thread);
            if (stat != null && stat.compiles()) {
                ticks.put(thread.toString(), stat.ticks());
            }
        }
        return ticks;
    }

    private static List<Path> threads(Path process) {
        try (Stream<Path> threads = Files.list(process.resolve("task"))) {
            return threads.toList();
        } catch (IOException | UncheckedIOException e) {
            // It has just ended.
            return List.of();
        }
    }

    private static @Nullable TaskStat stat(Path task) {
        try {
            return TaskStat.parse(Files.readString(task.resolve("stat")));
        } catch (IOException | IllegalArgumentException e) {
            // It has just ended.
            return null;
        }
    }
}
