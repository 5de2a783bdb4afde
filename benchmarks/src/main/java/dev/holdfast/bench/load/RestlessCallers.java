package dev.holdfast.bench.load;

import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.errors.LockException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Callers that each acquire and release a key of their own without end, whatever happens to the cluster meanwhile. */
public final class RestlessCallers implements AutoCloseable {
    private static final long ERROR_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long POLL_MS = 5;

    private final HoldfastClient client;
    private final long pauseMs;
    private final Silence ofAll = new Silence();
    private final List<Silence> ofEach = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong errors = new AtomicLong();
    private volatile long errorsBefore;
    private volatile boolean closed;

    /**
     * What they went without.
     *
     * @param ofAllMs the longest time in which nobody acquired anything
     * @param ofOneMs the longest time in which some caller acquired nothing
     * @param errors acquires and releases that failed
     */
    public record Gaps(double ofAllMs, double ofOneMs, long errors) {}

    public RestlessCallers(HoldfastClient client, int callers) {
        this(client, callers, 0, 0);
    }

    /**
     * Callers that do pause, so that the processors have time for other things.
     *
     * @param firstKey the number of the first one's key; those of callers elsewhere are others
     * @param pauseMs between a release and the next acquire
     */
    public RestlessCallers(HoldfastClient client, int callers, int firstKey, long pauseMs) {
        this.client = client;
        this.pauseMs = pauseMs;
        for (int i = 0; i < callers; i++) {
            int number = firstKey + i;
            Silence silence = new Silence();
            ofEach.add(silence);
            Thread thread = new Thread(() -> call(number, silence), "caller-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
    }

    private void call(int number, Silence own) {
        Workload.Pair pair = Workload.OWN_KEY.caller(client, number);
        while (!closed) {
            try {
                var held = pair.acquire();
                own.success();
                ofAll.success();
                held.release();
                if (pauseMs > 0) {
                    TimeUnit.MILLISECONDS.sleep(pauseMs);
                }
            } catch (LockException e) {
                errors.incrementAndGet();
                LockSupport.parkNanos(ERROR_PAUSE_NANOS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** From here on the longest times are counted. */
    public void begin() {
        errorsBefore = errors.get();
        ofAll.begin();
        ofEach.forEach(Silence::begin);
    }

    /** Blocks until every caller has acquired something since now. */
    public void awaitSuccessOfAll(long timeoutSeconds) throws InterruptedException {
        long now = System.nanoTime();
        while (!ofEach.stream().allMatch(silence -> silence.brokenSince(now))) {
            if (System.nanoTime() - now > TimeUnit.SECONDS.toNanos(timeoutSeconds)) {
                throw new IllegalStateException("a caller has acquired nothing for " + timeoutSeconds + " s");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    /** The longest time in which nobody acquired anything. */
    public double longestOfAllMs() {
        return ofAll.longestNanos() / 1e6;
    }

    /** The longest time in which some caller acquired nothing. */
    public double longestOfOneMs() {
        return ofEach.stream().mapToLong(Silence::longestNanos).max().orElse(0) / 1e6;
    }

    /** What they went without since {@link #begin}. */
    public Gaps gaps() {
        return new Gaps(longestOfAllMs(), longestOfOneMs(), errors() - errorsBefore);
    }

    /** Acquires and releases that failed. */
    public long errors() {
        return errors.get();
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
