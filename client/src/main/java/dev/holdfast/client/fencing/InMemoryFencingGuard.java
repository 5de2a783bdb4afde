package dev.holdfast.client.fencing;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Guards what lives in this process: a device, a file, a cache. What it knows ends with the process, so it is
 * no use for anything that outlives the process.
 *
 * <p>May be called from any thread. Keeps one small entry for each resource that it ever saw, until {@link #forget}.
 */
public final class InMemoryFencingGuard {
    private static final class Fence {
        final ReentrantLock lock = new ReentrantLock();
        /** Guarded by the lock. */
        long highest;
    }

    private final ConcurrentMap<String, Fence> fences = new ConcurrentHashMap<>();

    /**
     * Runs the work if no higher token was seen for the resource, in the caller's thread. Work on one resource runs one at a
     * time, so that work with a newer token cannot overtake it; the call blocks until its turn. Work may use the guard for
     * other resources, and must then avoid deadlocks as with any locks. If the work throws, its token still counts as seen.
     *
     * @throws StaleTokenException if a higher token was seen; the work was not run
     * @throws IllegalArgumentException if the resource or the token cannot be one, see {@link FencingToken}
     */
    public <T, E extends Exception> T run(String resource, long token, FencedWork<T, E> work) throws E {
        return run(new FencingToken(resource, token), work);
    }

    /** {@link #run(String, long, FencedWork)}. */
    public <T, E extends Exception> T run(FencingToken write, FencedWork<T, E> work) throws E {
        Fence fence = fences.computeIfAbsent(write.resource(), resource -> new Fence());
        fence.lock.lock();
        try {
            if (write.token() < fence.highest) {
                throw new StaleTokenException(write, fence.highest);
            }
            fence.highest = write.token();
            return work.run();
        } finally {
            fence.lock.unlock();
        }
    }

    /** Forgets a resource that will not be written to again: any token would be accepted for it. */
    public void forget(String resource) {
        fences.remove(resource);
    }
}
