package dev.holdfast.shedlock;

import dev.holdfast.client.AcquireOptions;
import dev.holdfast.client.Holdfast;
import dev.holdfast.client.HoldfastClient;
import dev.holdfast.client.HoldfastLock;
import dev.holdfast.client.LockHandle;
import dev.holdfast.client.LockableDefinition;
import dev.holdfast.client.LockableOptions;
import java.util.Optional;
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
 *       returns empty if it is lost already. The fencing token stays the same.
 *   <li>No wall clock counts, nor ShedLock's {@code ClockProvider}: durations are counted on the cluster's log time, and here on
 *       the client's monotonic clock: {@code lockAtMostFor} from before the request, {@code lockAtLeastFor} from the grant. So clocks that differ do no harm. A {@code lockAtMostFor} of
 *       zero is refused.
 *   <li>If it is not certain that the lock was acquired, {@code lock} throws, so that the job does not run. A grant whose answer
 *       was lost is given back as soon as the cluster can be reached, and ends with {@code lockAtMostFor} in any case.
 *   <li>{@code unlock} throws if the lock was lost while the job ran, since another process may have run it as well, and if
 *       the release failed or may have failed: the lock then ends with {@code lockAtMostFor} at the latest.
 * </ul>
 *
 * <p>All failures are ShedLock's {@link LockException}, with the client's own exception as the cause. The job finds its fencing
 * token in {@link JobHold}. See {@code docs/adr/027-in-the-manners-of-the-framework.md}.
 */
public final class HoldfastLockProvider implements ExtensibleLockProvider {
    private final HoldfastLock lock;
    private final LockableDefinition jobs;

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
        if (!jobs.isPlural()) {
            throw new IllegalArgumentException(
                    "'" + jobs.name() + "' is singular, so all jobs would share one lock; define it as plural");
        }
        this.lock = lock;
        this.jobs = jobs;
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
        String name = configuration.getName();
        try {
            return lock.tryHold(jobs.of(name), AcquireOptions.defaults().ttl(configuration.getLockAtMostFor()))
                    .map(handle -> begin(configuration, handle));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LockException("The lock '" + name + "' was not acquired: its thread was interrupted.", e);
        } catch (dev.holdfast.client.errors.LockException e) {
            throw new LockException(
                    "The lock '" + name + "' was not acquired, so its job does not run. " + e.getMessage(), e);
        }
    }

    private static SimpleLock begin(LockConfiguration configuration, LockHandle handle) {
        if (!handle.isHeld()) {
            throw new LockException("The lock '" + configuration.getName() + "' was granted, but its lockAtMostFor of "
                    + configuration.getLockAtMostFor() + " was over when the answer came, so its job does not run.");
        }
        return JobLock.begin(configuration, handle);
    }
}
