package dev.holdfast.bench.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes readings beside a load that runs elsewhere: at the beginning of each of its windows, and at the end of the last.
 * Used by one thread.
 */
public final class CpuWatch implements AutoCloseable {
    private final List<@Nullable CpuReading> readings = new ArrayList<>();
    private final Thread thread;

    private CpuWatch(int warmUpSeconds, int windowSeconds, int windows) {
        long first = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUpSeconds);
        thread = new Thread(() -> watch(first, TimeUnit.SECONDS.toNanos(windowSeconds), windows), "processor times");
        thread.setDaemon(true);
        thread.start();
    }

    /** To be called when the load begins. */
    public static CpuWatch start(int warmUpSeconds, int windowSeconds, int windows) {
        return new CpuWatch(warmUpSeconds, windowSeconds, windows);
    }

    private void watch(long first, long windowNanos, int windows) {
        try {
            for (int i = 0; i <= windows; i++) {
                TimeUnit.NANOSECONDS.sleep(first + i * windowNanos - System.nanoTime());
                readings.add(CpuReading.now());
            }
        } catch (InterruptedException e) {
            // The load has failed.
        }
    }

    /** The shares in all windows together. Blocks until the last is over. */
    public @Nullable CpuShares overall() throws InterruptedException {
        thread.join();
        return shares(0, readings.size() - 1);
    }

    /** The shares in one window. Blocks until the last is over. */
    public @Nullable CpuShares window(int number) throws InterruptedException {
        thread.join();
        return shares(number, number + 1);
    }

    private @Nullable CpuShares shares(int from, int to) {
        CpuReading earlier = readings.get(from);
        return earlier == null ? null : earlier.until(readings.get(to));
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
