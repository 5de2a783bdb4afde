package dev.holdfast.shedlock;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import java.util.Optional;
import java.util.function.LongSupplier;
import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.LockException;

/**
 * Has ShedLock take its locks from Holdfast. Make it a bean, or pass it to whatever of ShedLock wants a {@code LockProvider}.
 * Any thread may use it. It starts no threads, and the client stays its caller's to close.
 *
 * <ul>
 *   <li>A job's lock is a hold with an owner of its own and a TTL of {@code lockAtMostFor}: it ends then, whatever becomes of
 *       this process or its client. Nothing renews it; ShedLock's {@code KeepAliveLockProvider} may be put around this one.
 *   <li>{@code unlock} before {@code lockAtLeastFor} is over does not release the hold, but has the cluster end it when it is
 *       over, also if this process is gone by then.
 *   <li>{@code extend} makes the hold end the new {@code lockAtMostFor} from now, be that later or earlier than before, and
 *       returns empty if it is lost already. The fencing token stays the same. While the cluster cannot be reached, it tries
 *       again as long as the lock lives, for up to a minute, and blocks meanwhile: {@code KeepAliveLockProvider} would not ask a
 *       second time. An interrupted thread stops trying, and is told.
 *   <li>No wall clock counts here, nor ShedLock's {@code ClockProvider}: the cluster counts durations on its log time, and this
 *       provider counts {@code lockAtLeastFor} on {@link System#nanoTime}, from when it has heard of the grant. So clocks that
 *       differ do no harm. If that clock stands still while its machine is suspended, the lock is kept longer by as much, but
 *       not once its lease is over. A {@code lockAtMostFor} of zero is refused.
 *   <li>If it is not certain that the lock was acquired, {@code lock} throws, so that the job does not run. A grant whose answer
 *       was lost is given back as soon as the cluster can be reached, and ends with {@code lockAtMostFor} in any case.
 *   <li>{@code unlock} throws if the lock was lost while the job ran, since another process may have run it as well, and if
 *       the release failed or may have failed: the lock then ends with {@code lockAtMostFor} at the latest, and {@code unlock}
 *       may be called again.
 * </ul>
 *
 * <p>All failures are ShedLock's {@link LockException}, with the client's own exception, or that of a hook, as the cause. The job finds its fencing
 * token in {@link JobHold}. See {@code docs/adr/027-in-the-manners-of-the-framework.md}.
 */
public final class HoldfastLockProvider implements ExtensibleLockProvider {
    private final HoldfastLock lock;
    private final LockableDefinition jobs;
    private final LongSupplier nanoTime;

    /** The lock named {@code report} has the key {@code shedlock:report}. */
    public HoldfastLockProvider(HoldfastClient client) {
        this(client.createLock(), Holdfast.createLockable("shedlock", LockableOptions.plural()));
    }

    /**
     * With a lock of the caller's, for its hooks and its request timeout, and another kind of lockable: with the name of the
     * application as its prefix, for instance, if several applications share a cluster.
     *
     * @param jobs plural: the name of ShedLock's lock is its parameter
     * @throws IllegalArgumentException if it is not plural
     */
    public HoldfastLockProvider(HoldfastLock lock, LockableDefinition jobs) {
        this(lock, jobs, System::nanoTime);
    }

    /**
     * With a clock in place of {@link System#nanoTime}: for tests that move the time of their client by hand.
     *
     * @param nanoTime the time of the client, as {@link dev.holdfast.client.time.Timers#nanoTime} returns it
     * @throws IllegalArgumentException if the jobs are not plural
     */
    public HoldfastLockProvider(HoldfastLock lock, LockableDefinition jobs, LongSupplier nanoTime) {
        if (!jobs.isPlural()) {
            throw new IllegalArgumentException(
                    "'" + jobs.name() + "' is singular, so all jobs would share one lock; define it as plural");
        }
        this.lock = lock;
        this.jobs = jobs;
        this.nanoTime = nanoTime;
    }

    /**
     * Acquires without waiting.
     *
     * @return empty if somebody else holds it
     * @throws LockException if it is not certain to be acquired, if its name is not acceptable as part of a key, or if the thread
     *     is interrupted; it is still interrupted then
     */
    @Override
    public Optional<SimpleLock> lock(LockConfiguration configuration) {
        long askedAtNanos = nanoTime.getAsLong();
        return acquire(configuration).map(handle -> begin(configuration, handle, askedAtNanos));
    }

    private Optional<LockHandle> acquire(LockConfiguration configuration) {
        String name = configuration.getName();
        try {
            return lock.tryHold(jobs.of(name), AcquireOptions.defaults().ttl(configuration.getLockAtMostFor()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LockException("The lock '" + name + "' was not acquired: its thread was interrupted.", e);
        } catch (dev.holdfast.client.errors.LockException e) {
            throw new LockException(
                    "The lock '" + name + "' was not acquired, so its job does not run. " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new LockException(
                    "The lock '" + name + "' was not acquired, so its job does not run: a hook failed. " + e, e);
        }
    }

    private SimpleLock begin(LockConfiguration configuration, LockHandle handle, long askedAtNanos) {
        if (!handle.isHeld()) {
            throw new LockException("The lock '" + configuration.getName() + "' was granted, but its lockAtMostFor of "
                    + configuration.getLockAtMostFor() + " was over when the answer came, so its job does not run.");
        }
        return JobLock.begin(configuration, handle, nanoTime, askedAtNanos);
    }
}
