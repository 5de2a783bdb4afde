package dev.holdfast.shedlock;

import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import java.time.Duration;
import java.util.Optional;
import net.javacrumbs.shedlock.core.AbstractSimpleLock;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.LockException;

/** ShedLock's view of one job's hold, until the next extension of it. */
final class JobLock extends AbstractSimpleLock {
    private final RunningJob job;
    private final Duration leaseAtFirst;

    private JobLock(LockConfiguration configuration, RunningJob job) {
        super(configuration);
        this.job = job;
        this.leaseAtFirst = leaseLeft(job);
    }

    static SimpleLock begin(LockConfiguration configuration, LockHandle handle) {
        return new JobLock(configuration, RunningJobs.begin(configuration.getName(), handle));
    }

    @Override
    protected void doUnlock() {
        RunningJobs.end(job);
        Duration left = atLeastLeft();
        try {
            if (left.isZero() || left.isNegative()) {
                job.handle.release();
            } else {
                job.handle.expireIn(left);
            }
        } catch (LockExpiredException | LockNotHeldException e) {
            throw new LockException(
                    "The lock '" + job.name
                            + "' was lost before its job ended, so another process may have run it at the same"
                            + " time. Its lockAtMostFor was " + lockConfiguration.getLockAtMostFor() + ". "
                            + e.getMessage(),
                    e);
        } catch (dev.holdfast.client.errors.LockException e) {
            throw new LockException(
                    "The lock '" + job.name + "' may not have been released. It ends by itself, at the latest when its"
                            + " lockAtMostFor of " + lockConfiguration.getLockAtMostFor() + " is over. "
                            + e.getMessage(),
                    e);
        }
    }

    // Time passes here as the lease runs off, so both are counted by one clock. The lease itself is believed to be a
    // little
    // shorter than it was asked for, so only its difference tells the time.
    private Duration atLeastLeft() {
        Duration passed = leaseAtFirst.minus(leaseLeft(job));
        return passed.isNegative()
                ? lockConfiguration.getLockAtLeastFor()
                : lockConfiguration.getLockAtLeastFor().minus(passed);
    }

    private static Duration leaseLeft(RunningJob job) {
        return job.handle.leaseLeft().orElse(Duration.ZERO);
    }

    @Override
    protected Optional<SimpleLock> doExtend(LockConfiguration next) {
        Duration atMost = next.getLockAtMostFor();
        try {
            if (isShorterThanLeft(atMost)) {
                job.handle.expireIn(atMost);
            } else {
                job.handle.extend(atMost);
            }
        } catch (LockExpiredException | LockNotHeldException e) {
            return Optional.empty();
        } catch (dev.holdfast.client.errors.LockException e) {
            throw new LockException(
                    "It is not certain that the lock '" + job.name + "' was extended. Rely on its earlier end. "
                            + e.getMessage(),
                    e);
        }
        return Optional.of(new JobLock(next, job));
    }

    // Only an extension has the handle warn before the end.
    private boolean isShorterThanLeft(Duration atMost) {
        return atMost.compareTo(leaseLeft(job)) < 0;
    }
}
