package dev.holdfast.shedlock;

import dev.holdfast.client.LockHandle;
import dev.holdfast.client.errors.LockExpiredException;
import dev.holdfast.client.errors.LockNotHeldException;
import java.util.Optional;

/**
 * What the job that runs on the calling thread holds: for the job itself, which ShedLock passes nothing to.
 *
 * <pre>{@code
 * @Scheduled(cron = "0 0 3 * * *")
 * @SchedulerLock(name = "report", lockAtMostFor = "30m")
 * void report() {
 *     repository.save(report, JobHold.token());
 * }
 * }</pre>
 *
 * <p>It is bound to the thread that called {@link HoldfastLockProvider#lock}, which is the job's with all of ShedLock's executors
 * and interceptors, from then until {@code unlock}. Work that the job hands to other threads gets the token, or the handle, from
 * the job. Of jobs within jobs, it is the innermost that took a lock. A job inside one of the same name takes none, as ShedLock has it share
 * that one's; so if it calls yet another in between, {@code A -> B -> A}, the inner {@code A} finds the hold of {@code B} here. A
 * job that may be called so asks by its name.
 */
public final class JobHold {

    /**
     * The fencing token, to be passed with each write to what the job writes to.
     *
     * @throws IllegalStateException if this thread runs no job under a lock of Holdfast
     * @throws LockExpiredException if the lock has expired, so that another process may run the job by now
     * @throws LockNotHeldException if it was taken by force
     */
    public static long token() {
        LockHandle handle = handle();
        handle.requireHeld();
        return handle.token();
    }

    /**
     * The hold: its state, its listeners, its lease. Releasing and extending it is up to ShedLock: {@code LockExtender}.
     *
     * @throws IllegalStateException if this thread runs no job under a lock of Holdfast
     */
    public static LockHandle handle() {
        return find().orElseThrow(() -> new IllegalStateException(
                "This thread runs no job under a lock of Holdfast. The job's method may have been called on the object itself, past"
                        + " the proxy that locks; or this is another thread than the job's, to which the job has to pass its"
                        + " token."));
    }

    /** The hold, as {@link #handle}; empty if this thread runs no job under a lock of Holdfast. */
    public static Optional<LockHandle> find() {
        return RunningJobs.mine().findFirst().map(job -> job.handle);
    }

    /**
     * As {@link #token()}, of the job under the lock of that name, whichever jobs run inside it.
     *
     * @param name of ShedLock's lock
     * @throws IllegalStateException if this thread runs no job under a lock of that name
     * @throws LockExpiredException as {@link #token()}
     * @throws LockNotHeldException as {@link #token()}
     */
    public static long token(String name) {
        LockHandle handle = handle(name);
        handle.requireHeld();
        return handle.token();
    }

    /**
     * As {@link #handle()}, of the job under the lock of that name.
     *
     * @throws IllegalStateException if this thread runs no job under a lock of that name
     */
    public static LockHandle handle(String name) {
        return find(name)
                .orElseThrow(() -> new IllegalStateException(
                        "This thread runs no job under a lock of Holdfast with the name '" + name + "'."));
    }

    /** As {@link #handle(String)}; empty if this thread runs no job under a lock of that name. */
    public static Optional<LockHandle> find(String name) {
        return RunningJobs.mine()
                .filter(job -> job.name.equals(name))
                .findFirst()
                .map(job -> job.handle);
    }

    private JobHold() {}
}
