package dev.holdfast.bench.load;

import dev.holdfast.bench.cpu.CpuShares;
import dev.holdfast.bench.cpu.CpuWatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A load, and who else used the processors meanwhile.
 *
 * @param cpu in all windows together; {@code null} where the system does not tell
 * @param windows each window by itself
 */
public record WatchedLoad(LoadResult load, @Nullable CpuShares cpu, List<WatchedWindow> windows) {
    public WatchedLoad {
        windows = List.copyOf(windows);
    }

    /** One window of it. */
    public record WatchedWindow(LoadResult load, @Nullable CpuShares cpu) {}

    /** Runs loads, here or in another process. */
    @FunctionalInterface
    public interface Runner {
        /** Blocks until it is done. */
        LoadResult run(LoadPlan plan) throws IOException, InterruptedException;
    }

    /** Blocks until it is done. */
    public static WatchedLoad run(Runner runner, LoadPlan plan) throws IOException, InterruptedException {
        try (CpuWatch watch = CpuWatch.start(plan.warmUpSeconds(), plan.windowSeconds(), plan.windows())) {
            LoadResult load = runner.run(plan);
            List<WatchedWindow> windows = new ArrayList<>();
            for (int i = 0; i < plan.windows(); i++) {
                windows.add(new WatchedWindow(load.windows().get(i), watch.window(i)));
            }
            return new WatchedLoad(load, watch.overall(), windows);
        }
    }
}
