package dev.holdfast.node.leader;

import dev.holdfast.client.time.Timers;
import dev.holdfast.client.time.Timers.Scheduled;
import dev.holdfast.protocol.Command;
import dev.holdfast.protocol.LogTime;
import dev.holdfast.protocol.SessionId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Proposes what is due: a tick when one of the machine's deadlines has come, and the expiry of sessions that fell silent. It
 * sleeps until the next of these, so an idle cluster writes nothing.
 */
final class Expirer {
    /** Deadlines and lapses closer together than this are served by one wake-up. */
    private static final long WAKE_APART_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Waking up this much later than planned means that this process did not run, and did not receive keep-alives either. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Timers timers;
    private final LogTimeSource logTime;
    private final SessionLeases leases;
    private final GroupCommit commits;

    private final ReentrantLock lock = new ReentrantLock();
    private long nextDeadlineMs = LogTime.NEVER;

    /** The deadline for which a tick has been proposed already. */
    private long tickedDeadlineMs = Long.MIN_VALUE;

    private @Nullable Scheduled wakeUp;
    private long wakeUpAtNanos;
    private boolean closed;

    Expirer(Timers timers, LogTimeSource logTime, SessionLeases leases, GroupCommit commits) {
        this.timers = timers;
        this.logTime = logTime;
        this.leases = leases;
        this.commits = commits;
    }

    void start(long machineDeadlineMs) {
        applied(machineDeadlineMs);
    }

    /** An entry was applied; the machine's next deadline is now that. */
    void applied(long machineDeadlineMs) {
        lock.lock();
        try {
            nextDeadlineMs = machineDeadlineMs;
            // Whatever was due when the last tick was stamped has expired. A deadline that is left needs a tick of its
            // own.
            tickedDeadlineMs = Long.MIN_VALUE;
            plan();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            if (wakeUp != null) {
                wakeUp.cancel();
            }
        } finally {
            lock.unlock();
        }
    }

    private void plan() {
        if (closed) {
            return;
        }
        long now = timers.nanoTime();
        long delay = Math.min(leases.nanosToFirstLapse(now), nanosToDeadline());
        if (delay == Long.MAX_VALUE) {
            return;
        }
        delay = Math.max(delay, WAKE_APART_NANOS);
        if (wakeUp != null) {
            if (wakeUpAtNanos - (now + delay) <= 0) {
                return;
            }
            wakeUp.cancel();
        }
        wakeUpAtNanos = now + delay;
        wakeUp = timers.schedule(this::wake, delay);
    }

    private long nanosToDeadline() {
        return nextDeadlineMs == LogTime.NEVER || nextDeadlineMs == tickedDeadlineMs
                ? Long.MAX_VALUE
                : logTime.nanosUntil(nextDeadlineMs);
    }

    private void wake() {
        boolean tick = false;
        List<SessionId> lapsed;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            wakeUp = null;
            long late = timers.nanoTime() - wakeUpAtNanos;
            if (late > PAUSE_NANOS) {
                leases.prolongAll(late);
            }
            lapsed = leases.lapse(timers.nanoTime());
            if (nanosToDeadline() <= 0) {
                tick = true;
                tickedDeadlineMs = nextDeadlineMs;
            }
            plan();
        } finally {
            lock.unlock();
        }
        if (!lapsed.isEmpty()) {
            propose(lapsed.stream().map(Command.ExpireSession::new).toList());
        } else if (tick) {
            propose(List.of(new Command.Tick()));
        }
    }

    /** Repeats it until it is done or the term is over: nobody else would end these sessions and leases. */
    void propose(List<? extends Command.SystemCommand> commands) {
        commits.propose(commands).whenComplete((done, failure) -> {
            if (failure != null && !isClosed()) {
                timers.schedule(() -> propose(commands), RETRY_NANOS);
            }
        });
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }
}
