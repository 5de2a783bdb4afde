package dev.holdfast.bench.load;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs one workload, and fails if there were ever more holders inside than allowed.
 *
 * <p>With a rate, each caller has a timetable, and its times count from when a pair should have begun: a pause of the
 * cluster is then seen by all the pairs that it delays, not only by the one that it hits ("coordinated omission", Gil
 * Tene). Without one, callers go as fast as they can, which measures the throughput.
 */
public final class LoadRun {
    private static final int WARMING_UP = -1;
    private static final long ERROR_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final HoldfastClient client;
    private final LoadPlan plan;
    private final List<Window> windows = new ArrayList<>();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger insideMost = new AtomicInteger();
    private final AtomicLong errors = new AtomicLong();
    private final Rates rates;
    private volatile int phase = WARMING_UP;

    private LoadRun(HoldfastClient client, LoadPlan plan) {
        this.client = client;
        this.plan = plan;
        for (int i = 0; i < plan.windows(); i++) {
            windows.add(new Window(plan.callers()));
        }
        rates = new Rates(System.nanoTime(), plan.warmUpSeconds() + plan.windows() * plan.windowSeconds());
    }

    /** Blocks until it is done. */
    public static LoadResult run(HoldfastClient client, LoadPlan plan) throws InterruptedException {
        return new LoadRun(client, plan).run();
    }

    private LoadResult run() throws InterruptedException {
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < plan.callers(); i++) {
            int number = i;
            Thread caller = new Thread(() -> call(number), "caller-" + i);
            caller.setDaemon(true);
            callers.add(caller);
        }
        callers.forEach(Thread::start);
        TimeUnit.SECONDS.sleep(plan.warmUpSeconds());
        double[] seconds = new double[plan.windows()];
        for (int i = 0; i < plan.windows(); i++) {
            long began = System.nanoTime();
            phase = i;
            TimeUnit.SECONDS.sleep(plan.windowSeconds());
            seconds[i] = (System.nanoTime() - began) / 1e9;
        }
        phase = plan.windows();
        for (Thread caller : callers) {
            caller.join();
        }
        if (insideMost.get() > plan.workload().insideMax()) {
            throw new IllegalStateException(insideMost + " were inside at a time, but at most "
                    + plan.workload().insideMax() + " may be");
        }
        return result(seconds);
    }

    private void call(int number) {
        Workload.Pair pair = plan.workload().caller(client, plan.firstCaller() + number);
        long intervalNanos =
                plan.ratePerSecond() == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) * plan.callers() / plan.ratePerSecond();
        long due = System.nanoTime() + intervalNanos * number / plan.callers();
        while (phase < plan.windows()) {
            long began = intervalNanos == 0 ? System.nanoTime() : awaitTurn(due);
            due += intervalNanos;
            try {
                once(pair, number, began);
            } catch (LockException e) {
                error();
                LockSupport.parkNanos(ERROR_PAUSE_NANOS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static long awaitTurn(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        return due;
    }

    private void once(Workload.Pair pair, int number, long began) throws InterruptedException {
        LockHandle held = pair.acquire();
        long acquired = System.nanoTime();
        int now = inside.incrementAndGet();
        if (now > insideMost.get()) {
            insideMost.accumulateAndGet(now, Math::max);
        }
        inside.decrementAndGet();
        held.release();
        long released = System.nanoTime();
        rates.happened(released);
        Window window = window();
        if (window != null) {
            window.record(number, acquired - began, released - began);
        }
    }

    private void error() {
        errors.incrementAndGet();
        Window window = window();
        if (window != null) {
            window.error();
        }
    }

    /** That of now; {@code null} before the first and after the last. */
    private @Nullable Window window() {
        int now = phase;
        return now >= 0 && now < plan.windows() ? windows.get(now) : null;
    }

    private LoadResult result(double[] seconds) {
        List<LoadResult> results = new ArrayList<>();
        for (int i = 0; i < seconds.length; i++) {
            results.add(windows.get(i).result(seconds[i]));
        }
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < plan.callers(); i++) {
            int caller = i;
            long grants =
                    windows.stream().mapToLong(window -> window.grants(caller)).sum();
            least = Math.min(least, grants);
            most = Math.max(most, grants);
        }
        LoadCourse course = new LoadCourse(
                rates.binSeconds(),
                plan.warmUpSeconds(),
                rates.perSecond(),
                Window.acquires(windows),
                Window.pairs(windows));
        return LoadResult.of(results, least, most, errors.get(), course);
    }
}
