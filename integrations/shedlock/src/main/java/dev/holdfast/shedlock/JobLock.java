package dev.holdfast.shedlock;

import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockClientClosedException;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import dev.holdfast.client.errors.LockOutcomeUnknownException;
import dev.holdfast.client.errors.LockUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import net.javacrumbs.shedlock.core.AbstractSimpleLock;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.support.LockException;

/**
 * ShedLock's view of one job's hold, until the next extension of it. It counts on a clock of its own, and not on what the handle
 * believes: while a shorter end is in doubt, the handle goes by that one, and would tell of time that has not passed.
 */
final class JobLock extends AbstractSimpleLock {
    /** Asks the cluster whether the hold is there; an extension never shortens. */
    private static final Duration JUST_ASK = Duration.ofMillis(1);

    private final RunningJob job;

    /** From the answer on, so that it is never cut short. */
    private final Span atLeast;

    /** From the request on: what the cluster has granted ends no earlier. */
    private final Span granted;

    /** Whether the cluster may have been told of another end than the granted one. */
    private volatile boolean otherEndInDoubt;

    private volatile boolean unlockInDoubt;

    private JobLock(LockConfiguration configuration, RunningJob job, long askedAtNanos) {
        super(configuration);
        this.job = job;
        this.atLeast = new Span(job.nowNanos(), configuration.getLockAtLeastFor());
        this.granted = new Span(askedAtNanos, configuration.getLockAtMostFor());
    }

    static SimpleLock begin(
            LockConfiguration configuration, LockHandle handle, LongSupplier nanoTime, long askedAtNanos) {
        RunningJob job = new RunningJob(configuration.getName(), handle, nanoTime, configuration.getLockAtMostFor());
        RunningJobs.begin(job);
        return new JobLock(configuration, job, askedAtNanos);
    }

    @Override
    protected void doUnlock() {
        try {
            endHold();
        } catch (LockExpiredException | LockNotHeldException e) {
            if (unlockInDoubt && e instanceof LockExpiredException) {
                return; // It ended as the first unlock wanted, or earlier than that, but after its job.
            }
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
        } catch (RuntimeException e) {
            throw new LockException(
                    "The lock '" + job.name + "' was not released, since a hook failed. It ends by itself when its"
                            + " lockAtMostFor of " + lockConfiguration.getLockAtMostFor() + " is over. " + e,
                    e);
        } finally {
            RunningJobs.end(job);
        }
    }

    private void endHold() {
        long now = job.nowNanos();
        Duration left = atLeast.leftAt(now);
        Duration grantedLeft = granted.leftAt(now);
        if (!isPositive(left) || !isPositive(grantedLeft)) {
            job.handle.release();
        } else if (left.compareTo(grantedLeft) >= 0 && !otherEndInDoubt) {
            // It ends with its lease. The cluster would count a new end from later on, past lockAtMostFor.
            job.handle.extend(JUST_ASK);
        } else {
            endIn(left.compareTo(grantedLeft) < 0 ? left : grantedLeft);
        }
    }

    private void endIn(Duration left) {
        try {
            job.handle.expireIn(left);
        } catch (LockOutcomeUnknownException e) {
            otherEndInDoubt = true;
            unlockInDoubt = true;
            throw e;
        }
    }

    private static boolean isPositive(Duration duration) {
        return duration.compareTo(Duration.ZERO) > 0;
    }

    /** Tries again while nobody answers: ShedLock's keep-alive asks once in each period, and gives up for good if that fails. */
    @Override
    protected Optional<SimpleLock> doExtend(LockConfiguration next) {
        Duration atMost = next.getLockAtMostFor();
        boolean shorter = atMost.compareTo(job.latestLeft()) < 0;
        boolean inDoubt = false;
        for (Retries retries = new Retries(); ; ) {
            long askedAtNanos = job.nowNanos();
            try {
                extend(atMost, shorter);
                job.endsIn(atMost);
                return Optional.of(new JobLock(next, job, askedAtNanos));
            } catch (LockExpiredException | LockNotHeldException e) {
                return Optional.empty();
            } catch (LockUnavailableException | LockOutcomeUnknownException e) {
                inDoubt |= e instanceof LockOutcomeUnknownException;
                if (inDoubt) {
                    noteDoubt(atMost, shorter);
                }
                if (!job.handle.isHeld()) {
                    return Optional.empty();
                }
                if (!retries.pause()) {
                    throw inDoubt ? maybeExtended(e) : notExtended(e);
                }
            } catch (LockClientClosedException e) {
                throw maybeExtended(e);
            } catch (RuntimeException e) {
                throw inDoubt ? maybeExtended(e) : notExtended(e);
            }
        }
    }

    // Only an extension has the handle warn before the end.
    private void extend(Duration atMost, boolean shorter) {
        if (shorter) {
            job.handle.expireIn(atMost);
        } else {
            job.handle.extend(atMost);
        }
    }

    private void noteDoubt(Duration atMost, boolean shorter) {
        otherEndInDoubt = true;
        if (!shorter) {
            job.mayEndIn(atMost);
        }
    }

    private LockException maybeExtended(RuntimeException e) {
        return new LockException(
                "It is not certain that the lock '" + job.name + "' was extended. Rely on its earlier end. "
                        + e.getMessage(),
                e);
    }

    private LockException notExtended(RuntimeException e) {
        return new LockException(
                "The lock '" + job.name + "' was not extended; it ends when it would have ended before. "
                        + (e instanceof dev.holdfast.client.errors.LockException
                                ? e.getMessage()
                                : "A hook failed: " + e),
                e);
    }
}
