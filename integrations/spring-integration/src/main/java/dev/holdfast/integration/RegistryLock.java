package dev.holdfast.integration;

import dev.holdfast.client.FencedLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockException;
import java.time.Duration;
import java.util.ConcurrentModificationException;

/**
 * A lock of a {@link HoldfastLockRegistry}. As {@link FencedLock} says: bound to threads, reentrant, first come, first served, with a
 * {@linkplain #token fencing token}. With Spring Integration 7 and newer it is a {@code DistributedLock} as well. In these points it
 * does as the framework's own registries do:
 *
 * <ul>
 *   <li>The outermost {@link #unlock} after the hold was lost throws {@link ConcurrentModificationException}, which ends the
 *       thread's claim.
 *   <li>An outermost {@code unlock} ends the thread's claim in any case, also one that cannot reach the cluster or is refused. What it
 *       could not release is released in the background, or is to lapse. Until that is done, nobody gets the lock; an acquire by the
 *       same thread then tries once more to release it, and acquires anew, or throws what that throws.
 *   <li>A nested acquire of a hold with a TTL has the hold live from then on at least for the TTL that it names, or else for that of
 *       the outermost acquire. If that fails, it throws, and the thread holds the lock once, as before.
 * </ul>
 *
 * <p>A nested acquire after the hold was lost throws {@link IllegalMonitorStateException}: to acquire it anew behind the thread's
 * back would hide that others were inside meanwhile.
 */
public interface RegistryLock extends FencedLock {

    /**
     * Acquires with a TTL in place of the registry's lease: the hold lives for exactly that time, unless it is
     * {@linkplain HoldfastLockRegistry#renewLock(Object, Duration) renewed}. Not interruptible.
     *
     * @param ttl positive
     * @throws LockException as {@link #lock}
     */
    void lock(Duration ttl);

    /**
     * Acquires with a TTL, as {@link #lock(Duration)}, waiting at most that long.
     *
     * @param waitTime zero or less: does not wait
     * @return false if the lock was not free in that time
     * @throws InterruptedException if interrupted before or while waiting; nothing more is held then
     * @throws LockException as {@link #lock}
     */
    boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException;

    /**
     * Ends the innermost acquire of this thread, and with the outermost the hold. Blocks until the cluster has done it; if nobody
     * can be reached, for about the request timeout, and a second more at most. The thread is outside then, and the release goes on
     * in the background until it is done or the hold is lost. Not interruptible.
     *
     * @throws IllegalMonitorStateException if this thread does not hold the lock
     * @throws ConcurrentModificationException if the hold was lost before: others may have been inside
     * @throws LockException if the cluster refuses it, because this client may not release any more. The thread is outside all the
     *     same, and the hold is to lapse at once. If that is refused as well, it lives until its lease ends: while this client
     *     lives, if it has no TTL. What a hook throws passes unchanged, with the same effects; if a hook refuses every release, also
     *     that of a hold which is lost, this thread cannot acquire the lock again
     */
    @Override
    void unlock();

    /** The hold itself. {@link LockHandle#onLost} tells of its loss as it happens, on another thread. */
    @Override
    LockHandle handle();
}
